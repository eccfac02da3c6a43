import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Console, Effect, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { row, ruler } from "./table.ts"

export const authAs = (who: keyof typeof Fixtures.accessTokens, apiOrigin: string) =>
  BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens[who]), apiOrigin })

/** Something between the program and Bigin that changes requests. */
const rewriting = (change: (request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest) =>
  Effect.updateService(HttpClient.HttpClient, HttpClient.mapRequest(change))

/** How to meet each documented failure. The attachment of the example is gone already. */
const provoke = (origin: string) => {
  const { attachment } = Fixtures
  const administrator = authAs("administrator", origin)
  return {
    InvalidModule: deleteAttachment({ ...attachment, module: "Contact" }).pipe(Effect.provide(administrator)),
    UnsupportedModule: deleteAttachment({ ...attachment, module: "Documents" }).pipe(Effect.provide(administrator)),
    InvalidUrlPattern: deleteAttachment(attachment).pipe(
      rewriting((request) => HttpClientRequest.setUrl(request, request.url.replace("/Attachments/", "/Files/"))),
      Effect.provide(administrator)
    ),
    OAuthScopeMismatch: deleteAttachment(attachment).pipe(Effect.provide(authAs("reader", origin))),
    NoPermission: deleteAttachment(attachment).pipe(Effect.provide(authAs("denied", origin))),
    InternalError: Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
      fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("InternalError")) })
    ).pipe(Effect.zipRight(deleteAttachment(attachment)), Effect.provide(administrator)),
    InvalidRequestMethod: deleteAttachment(attachment).pipe(
      rewriting(HttpClientRequest.setMethod("POST")),
      Effect.provide(administrator)
    ),
    AuthorizationFailed: deleteAttachment(attachment).pipe(Effect.provide(authAs("unprivileged", origin))),
    InvalidData: deleteAttachment(attachment).pipe(Effect.provide(administrator))
  } satisfies { readonly [Tag in Errors.DocumentedTag]: Effect.Effect<unknown, Errors.DeleteAttachmentError, unknown> }
}

/** Meets them one after the other and prints what the errors say of themselves. */
export const showFailures = (origin: string) =>
  Effect.gen(function* () {
    yield* Console.log(ruler)
    for (const [tag, failing] of Object.entries(provoke(origin))) {
      const error = yield* Effect.flip(failing).pipe(Effect.catchAll(() => Effect.dieMessage(`${tag} was not met`)))
      if (!Errors.isDocumented(error) || error._tag !== tag) {
        return yield* Effect.dieMessage(`${tag} was to be met, but it was ${error._tag}`)
      }
      yield* Console.log(row(error))
    }
  })
