/** How test suites in other languages drive a fake that is served: by JSON over HTTP, below a path that has a secret. */
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as FakeBigin from "../FakeBigin.ts"
import * as Fixtures from "../Fixtures.ts"
import type { Rule, WireRequest } from "./model.ts"
import { FaultJson, recordOf, Records, requestJson, strictly } from "./schemas.ts"

export const controlOf =
  (fake: FakeBigin.Service, path: string) =>
  (request: WireRequest): Effect.Effect<Fixtures.Reply> => {
    const name = request.url.slice(path.length + 1)
    switch (`${request.method} ${name}`) {
      case "POST faults":
        return told(Schema.parseJson(FaultJson), request.body, (fault) => fake.inject(ruleOf(fault)))
      case "GET requests":
        return Effect.map(fake.requests, (requests) => Fixtures.json(200, requests.map(requestJson)))
      case "GET records":
        return Effect.map(fake.records, (records) => Fixtures.json(200, Schema.encodeSync(Records)(records)))
      case "POST records":
        return told(Schema.parseJson(Records), request.body, (records) =>
          Effect.forEach(records, (record) => fake.put(recordOf(record)), { discard: true })
        )
      case "POST expire":
        return Effect.as(fake.expireTokens, done)
      default:
        return Effect.succeed(
          problem(404, "There are POST faults, GET requests, GET records, POST records and POST expire")
        )
    }
  }

const done: Fixtures.Reply = { status: 204, headers: {}, body: "" }

const problem = (status: number, message: string) => Fixtures.json(status, { error: message })

/** Does as it is told, or says what is wrong with what was told. */
const told = <A, I>(
  schema: Schema.Schema<A, I>,
  body: string,
  run: (value: A) => Effect.Effect<void>
): Effect.Effect<Fixtures.Reply> =>
  Schema.decodeUnknown(
    schema,
    strictly
  )(body).pipe(
    Effect.flatMap(run),
    Effect.as(done),
    Effect.catchAll((error) => Effect.succeed(problem(400, ParseResult.TreeFormatter.formatErrorSync(error))))
  )

const ruleOf = (given: typeof FaultJson.Type): Rule => ({
  fault: faultOf(given),
  ...(given.times === undefined ? {} : { times: given.times }),
  when: ({ method, url }) =>
    (given.method === undefined || given.method.toUpperCase() === method) && url.includes(given.path ?? "")
})

const faultOf = (given: typeof FaultJson.Type): FakeBigin.Fault => {
  switch (given.fault) {
    case "delay":
      return FakeBigin.delay(given.millis)
    case "answerWith":
      return FakeBigin.answerWith(given)
    case "documented":
      return FakeBigin.answerWith(Fixtures.documented(given.tag))
    case "rateLimited":
      return FakeBigin.answerWith(Fixtures.rateLimited(given.retryAfter))
    default:
      return plain[given.fault]
  }
}

const { badGateway, breakOff, cut, empty, loseAnswer, stall, truncate } = FakeBigin
const plain = { badGateway, breakOff, cut, empty, loseAnswer, stall, truncate } as const
