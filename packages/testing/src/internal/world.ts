/** What a FakeBigin holds while it runs. */
import type { Attachment, Options, Token } from "./model.ts"

export interface World {
  /** Attachments by module and record, in the order of their upload. */
  readonly records: Map<string, Map<string, Attachment>>
  /** Those of records that were put, known to Bigin's pages or not. */
  readonly modules: Set<string>
  readonly tokens: Map<string, LiveToken>
  readonly accounts: Accounts
  readonly mostPerPage: number
  /** How many attachments were uploaded. */
  uploads: number
}

/** A token, and when it dies, in milliseconds since the epoch. */
export interface LiveToken extends Token {
  readonly expiresAt: number
}

export interface Accounts {
  readonly clients: Required<Options>["clients"]
  readonly usedCodes: Set<string>
  /** When each grant was turned into tokens, and into which. */
  readonly minted: Map<string, ReadonlyArray<{ readonly at: number; readonly accessToken: string }>>
  counter: number
}

export const makeWorld = ({ clients, mostPerPage, records, tokens }: Required<Options>): World => ({
  records: new Map(
    records.map(({ attachments, module, recordId }) => [
      recordKey(module, recordId),
      new Map(attachments.map((attachment) => [attachment.id, attachment]))
    ])
  ),
  modules: new Set(records.map(({ module }) => module)),
  tokens: new Map(Object.entries(tokens).map(([name, token]) => [name, { ...token, expiresAt: Infinity }])),
  accounts: makeAccounts(clients),
  mostPerPage,
  uploads: 0
})

const makeAccounts = (clients: Required<Options>["clients"]): Accounts => ({
  clients,
  usedCodes: new Set(),
  minted: new Map(),
  counter: 0
})

export const recordKey = (module: string, recordId: string): string => `${module}/${recordId}`
