/** The command `effect-bigin-testing`: a fake Bigin for clients and test suites in any language. Needs Node. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import { randomUUID } from "node:crypto"
import * as FakeBigin from "../FakeBigin.ts"
import * as Fixtures from "../Fixtures.ts"
import { Problem, recordsOf, settingsOf, usage } from "./arguments.ts"
import { controlOf } from "./control.ts"
import { serve } from "./server.ts"

/** Listens for an interruption from now on, and gives what waits for it. */
const interruption = Effect.map(Deferred.make<void>(), (done) => {
  const stop = () => Deferred.unsafeDone(done, Exit.void)
  process.once("SIGINT", stop)
  process.once("SIGTERM", stop)
  return Deferred.await(done)
})

const program = (args: ReadonlyArray<string>): Effect.Effect<void, Problem> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(args)
    if (settings === undefined) return yield* write(usage)
    const { cors, host, options, port } = settings
    const records = settings.records === undefined ? undefined : yield* recordsOf(settings.records)

    const fake = yield* FakeBigin.make(records === undefined ? options : { ...options, records })
    const control = `/control-${randomUUID()}`
    const { origin } = yield* serve(fake, {
      host,
      port,
      cors,
      control: { path: control, answer: controlOf(fake, control) }
    }).pipe(Effect.mapError((error) => new Problem({ words: `It cannot listen: ${error.message}` })))

    const { attachments, module, recordId } = records?.[0] ?? (yield* example(fake))
    const { clientId, clientSecret, refreshToken } = Fixtures.client
    const first = {
      origin,
      control,
      accessToken: Fixtures.accessTokens.administrator,
      refreshToken,
      clientId,
      clientSecret,
      module,
      recordId,
      attachmentIds: attachments.map(({ id }) => id)
    }
    // whoever reads the first line may interrupt at once
    const interrupted = yield* interruption
    yield* write(`${JSON.stringify(first)}\n`)
    yield* interrupted
  }).pipe(Effect.scoped)

const example = (fake: FakeBigin.Service) =>
  Effect.map(fake.attachments(Fixtures.record), (attachments) => ({ ...Fixtures.record, attachments }))

const write = (text: string) => Effect.sync(() => void process.stdout.write(text))

/** The first line is for programs: whatever else there is to say goes to the other output. */
const logger = Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))

export const main = (args: ReadonlyArray<string>): Promise<void> =>
  program(args).pipe(
    Effect.catchAll(({ words }) =>
      Effect.sync(() => {
        process.stderr.write(`${words}\n`)
        process.exitCode = 1
      })
    ),
    Effect.provide(logger),
    Effect.runPromise
  )
