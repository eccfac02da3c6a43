/** The variables that describe an account. No message repeats a value: any of them may hold a secret by mistake. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { DataCenter } from "../DataCenter.ts"
import { originProblem, parseOrigin } from "./origin.ts"

/** White space around a value is no part of it, and an empty variable counts as not set. */
const text = (name: string): Config.Config<string> =>
  Config.string(name).pipe(
    Config.map((given) => given.trim()),
    Config.mapOrFail(
      Either.liftPredicate(
        (given) => given !== "",
        () => ConfigError.MissingData([], `${name} is empty`)
      )
    )
  )

const parsed = <A>(name: string, parse: (text: string) => Option.Option<A>, problem: string): Config.Config<A> =>
  Config.mapOrFail(text(name), (given) =>
    Either.fromOption(parse(given), () => ConfigError.InvalidData([], `${name} ${problem}`))
  )

const optional = <A>(config: Config.Config<A>): Config.Config<A | undefined> =>
  Config.map(Config.option(config), Option.getOrUndefined)

export const accessToken: Config.Config<Redacted.Redacted> = Config.map(text("BIGIN_ACCESS_TOKEN"), Redacted.make)

export const dataCenter: Config.Config<DataCenter | undefined> = optional(
  parsed(
    "BIGIN_DATA_CENTER",
    Option.liftPredicate(Schema.is(DataCenter)),
    `must be one of ${DataCenter.literals.join(", ")}`
  )
)

export const apiOrigin: Config.Config<string | undefined> = optional(
  parsed("BIGIN_API_ORIGIN", parseOrigin, originProblem)
)

export const scopes: Config.Config<ReadonlyArray<string> | undefined> = optional(
  Config.map(text("BIGIN_SCOPES"), (given) => given.split(/[\s,]+/))
)
