/** The variables that describe an account. No message repeats a value: any of them may hold a secret by mistake. */
import * as Array from "effect/Array"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as String from "effect/String"
import * as Struct from "effect/Struct"
import { originProblem, parseOrigin } from "../../models/credentials.ts"
import { DataCenter } from "../../models/dataCenter.ts"

/**
 * White space around a value is no part of it. A variable that is set and empty is a mistake: where an origin was meant to
 * stand, a default would send the token to the real Bigin.
 */
const text = (name: string): Config.Config<string> =>
  Config.string(name).pipe(
    Config.map((given) => given.trim()),
    Config.mapOrFail(
      Either.liftPredicate(
        (given) => given !== "",
        () => ConfigError.InvalidData([name], `${name} is set and empty`)
      )
    )
  )

const parsed = <A>(name: string, parse: (text: string) => Option.Option<A>, problem: string): Config.Config<A> =>
  Config.mapOrFail(text(name), (given) =>
    Either.fromOption(parse(given), () => ConfigError.InvalidData([name], `${name} ${problem}`))
  )

const optional = <A>(config: Config.Config<A>): Config.Config<A | undefined> =>
  Config.map(Config.option(config), Option.getOrUndefined)

const dataCenter: Config.Config<DataCenter | undefined> = optional(
  parsed(
    "BIGIN_DATA_CENTER",
    (given) => Option.liftPredicate(Schema.is(DataCenter))(given.toLowerCase()),
    `must be one of ${DataCenter.literals.join(", ")}`
  )
)

export const apiVersion: Config.Config<"v1" | "v2" | undefined> = optional(
  parsed("BIGIN_API_VERSION", Option.liftPredicate(Schema.is(Schema.Literal("v1", "v2"))), "must be v1 or v2")
)

export const timeout: Config.Config<Duration.Duration | undefined> = optional(
  parsed(
    "BIGIN_TIMEOUT",
    (given) => Option.filter(Duration.decodeUnknown(given), Duration.greaterThan(Duration.zero)),
    'must be a duration above zero, such as "10 seconds"'
  )
)

const origin = (name: string) => optional(parsed(name, parseOrigin, originProblem))

const scopes: Config.Config<ReadonlyArray<string> | undefined> = optional(
  parsed(
    "BIGIN_SCOPES",
    (given) => Option.liftPredicate(given.split(/[\s,]+/).filter(String.isNonEmpty), Array.isNonEmptyArray),
    "names no scope"
  )
)

/** One that is empty is as good as none, and then is told with the others that are missing. */
const credential = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.string(name)), (given) =>
    Option.getOrUndefined(Option.filter(Option.map(given, String.trim), String.isNonEmpty))
  )

/** Either kind of credentials. */
type Given =
  | { readonly _tag: "AccessToken"; readonly accessToken: Redacted.Redacted }
  | {
      readonly _tag: "RefreshToken"
      readonly clientId: string
      readonly clientSecret: Redacted.Redacted
      readonly refreshToken: Redacted.Redacted
    }

/** What the environment says of an account: its credentials, where it lives, what they may do. */
export type Described = Given & {
  readonly dataCenter: DataCenter | undefined
  readonly apiOrigin: string | undefined
  readonly accountsOrigin: string | undefined
  readonly scopes: ReadonlyArray<string> | undefined
}

/**
 * An access token, where there is one, goes before a refresh token: somebody has just set it by hand. Apart from where the
 * account lives, so that one error tells what is missing here and what is wrong there.
 */
const credentials = Config.all({
  accessToken: credential("BIGIN_ACCESS_TOKEN"),
  clientId: credential("BIGIN_CLIENT_ID"),
  clientSecret: credential("BIGIN_CLIENT_SECRET"),
  refreshToken: credential("BIGIN_REFRESH_TOKEN")
}).pipe(
  Config.mapOrFail(({ accessToken, clientId, clientSecret, refreshToken }) => {
    if (accessToken !== undefined) {
      return Either.right<Given>({ _tag: "AccessToken", accessToken: Redacted.make(accessToken) })
    }
    if (clientId !== undefined && clientSecret !== undefined && refreshToken !== undefined) {
      return Either.right<Given>({
        _tag: "RefreshToken",
        clientId,
        clientSecret: Redacted.make(clientSecret),
        refreshToken: Redacted.make(refreshToken)
      })
    }
    return Either.left(ConfigError.MissingData(["BIGIN"], missing({ clientId, clientSecret, refreshToken })))
  })
)

export const described: Config.Config<Described> = Config.map(
  Config.all({
    credentials,
    dataCenter,
    apiOrigin: origin("BIGIN_API_ORIGIN"),
    accountsOrigin: origin("BIGIN_ACCOUNTS_ORIGIN"),
    scopes
  }),
  ({ credentials, ...where }): Described => ({ ...credentials, ...where })
)

const missing = (given: {
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly refreshToken: string | undefined
}): string => {
  const names = {
    clientId: "BIGIN_CLIENT_ID",
    clientSecret: "BIGIN_CLIENT_SECRET",
    refreshToken: "BIGIN_REFRESH_TOKEN"
  }
  const lacking = Struct.keys(names).filter((key) => given[key] === undefined)
  return lacking.length === 3
    ? `Set BIGIN_ACCESS_TOKEN, or ${Object.values(names).join(", ")}`
    : `Set ${lacking.map((key) => names[key]).join(", ")} as well, or BIGIN_ACCESS_TOKEN`
}
