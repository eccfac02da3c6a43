/**
 * Zoho's SDK for its CRM, whose deleteAttachment is the same call under `/crm/v8`. There is none for Bigin.
 *
 * It is installed by itself, in the folder `zoho`, and has no types, so what is used of it is written down here. Its Environment
 * takes a loopback address. Its own store of tokens reads a file for each call; it allows for another, and one in memory is faster.
 */
import { records } from "../answers.ts"
import { accessToken } from "../measure.ts"
import { measurePromises } from "../promises.ts"

interface Token {
  readonly setId: (id: string) => void
}

interface OAuthBuilder {
  readonly accessToken: (accessToken: string) => OAuthBuilder
  /** Whether it asks for the user's name first. */
  readonly findUser: (isWanted: boolean) => OAuthBuilder
  readonly build: () => Token
}

interface Initialization {
  readonly environment: (environment: object) => Initialization
  readonly token: (token: Token) => Initialization
  readonly store: (store: object) => Initialization
  readonly initialize: () => Promise<void>
}

interface Item {
  readonly getStatus: () => { readonly getValue: () => string }
}

interface Answered {
  readonly getObject: () => { readonly getData: () => readonly [Item] }
}

interface Sdk {
  readonly Attachments: {
    readonly AttachmentsOperations: new () => {
      readonly deleteAttachment: (id: bigint, recordId: bigint, module: string) => Promise<Answered>
    }
  }
  readonly Environment: new (url: string, accountsUrl: string, fileUploadUrl: string) => object
  readonly InitializeBuilder: new () => Promise<Initialization>
  readonly OAuthBuilder: new () => OAuthBuilder
  readonly TokenStore: { readonly TokenStore: new () => object }
}

// as seen from the compiled program, in `build/programs/variants`
const path = new URL("../../../zoho/node_modules/@zohocrm/nodejs-sdk-8.0/lib/index.js", import.meta.url)
const { Attachments, Environment, InitializeBuilder, OAuthBuilder, TokenStore }: Sdk = await import(path.href)

class MemoryStore extends TokenStore.TokenStore {
  token: Token | null = null
  readonly findToken = async () => this.token
  readonly findTokenById = async () => this.token
  readonly saveToken = async (token: Token) => {
    token.setId("1")
    this.token = token
  }
}

await measurePromises(async ({ origin }) => {
  const initialization = await new InitializeBuilder()
  await initialization
    .environment(new Environment(origin, origin, origin))
    .token(new OAuthBuilder().accessToken(accessToken).findUser(false).build())
    .store(new MemoryStore())
    .initialize()
  return async (id) => {
    const answered = await new Attachments.AttachmentsOperations().deleteAttachment(
      BigInt(id),
      BigInt(records.known),
      "Contacts"
    )
    const [item] = answered.getObject().getData()
    return { data: [{ status: item.getStatus().getValue() }] }
  }
})
