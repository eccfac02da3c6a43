/** What Bigin answers to a deletion in these benchmarks: the server and the client that answers at once say the same. */

/** The record whose deletions succeed, and the one that Bigin does not know. */
export const records = { known: "1", unknown: "404" } as const

export const pathOf = (recordId: string, attachmentId: number): string =>
  `/bigin/v1/Contacts/${recordId}/Attachments/${attachmentId}`

export interface Answer {
  readonly status: 200 | 400
  readonly body: string
}

/** By the URL or its path. */
export const answerTo = (url: string): Answer =>
  url.includes(`/${records.unknown}/`) ? refused : deleted(url.slice(url.lastIndexOf("/") + 1))

const deleted = (id: string): Answer => ({
  status: 200,
  body: `{"data":[{"code":"SUCCESS","details":{"id":"${id}"},"message":"record deleted","status":"success"}]}`
})

const refused: Answer = {
  status: 400,
  body: `{"data":[{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the related id given seems to be invalid","status":"error"}]}`
}
