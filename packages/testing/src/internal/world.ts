/** What a FakeBigin holds while it runs. */
import type { Envelope } from "../Fixtures.ts"
import type { Attachment, BiginRecord, Options, Token } from "./model.ts"

export interface World {
  /** By module and record. */
  readonly records: Map<string, HeldRecord>
  /** Those of records that were put, known to Bigin's pages or not. */
  readonly modules: Set<string>
  readonly tokens: Map<string, LiveToken>
  readonly accounts: Accounts
  readonly mostPerPage: number
  /** Where every item stands. Without it each kind of item stands where it was recorded. */
  readonly envelope: Envelope | undefined
  /** The API credits of 24 hours, and when each of them was spent. */
  readonly credits: { readonly limit: number; spent: ReadonlyArray<number> } | undefined
  /** Those that were given out, and what they are bound to. */
  readonly pageTokens: Map<string, PageToken>
  /** How many attachments were uploaded. */
  uploads: number
}

export interface HeldRecord {
  readonly module: string
  readonly recordId: string
  readonly name: string
  /** By id, in the order of their upload. */
  readonly attachments: Map<string, Attachment>
}

export interface PageToken {
  readonly page: number
  readonly record: string
  readonly perPage: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A token, and when it dies, in milliseconds since the epoch. */
export interface LiveToken extends Token {
  readonly expiresAt: number
}

export interface Accounts {
  readonly clients: NonNullable<Options["clients"]>
  readonly usedCodes: Set<string>
  /** Refresh tokens. */
  readonly revoked: Set<string>
  /** When each grant was turned into tokens, and into which. */
  readonly minted: Map<string, ReadonlyArray<{ readonly at: number; readonly accessToken: string }>>
  counter: number
}

type Given = Options & Required<Pick<Options, "clients" | "mostPerPage" | "records" | "tokens">>

export const makeWorld = ({ clients, credits, envelope, mostPerPage, records, tokens }: Given): World => {
  const world: World = {
    records: new Map(),
    modules: new Set(),
    tokens: new Map(Object.entries(tokens).map(([name, token]) => [name, { ...token, expiresAt: Infinity }])),
    accounts: { clients, usedCodes: new Set(), revoked: new Set(), minted: new Map(), counter: 0 },
    mostPerPage,
    envelope: envelope === undefined ? undefined : envelope === "wrapped" ? "data" : "top",
    credits: credits === undefined ? undefined : { limit: credits, spent: [] },
    pageTokens: new Map(),
    uploads: 0
  }
  for (const record of records) hold(world, record)
  return world
}

export const hold = (world: World, { attachments, module, name, recordId }: BiginRecord): void => {
  world.modules.add(module)
  world.records.set(recordKey(module, recordId), {
    module,
    recordId,
    name: name ?? `Record ${recordId}`,
    attachments: new Map(attachments.map((attachment) => [attachment.id, attachment]))
  })
}

export const recordKey = (module: string, recordId: string): string => `${module}/${recordId}`
