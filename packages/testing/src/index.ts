/**
 * A Bigin to test against, and its replies.
 *
 * @since 0.1.0
 */
export * as FakeBigin from "./FakeBigin.ts"
export * as Fixtures from "./Fixtures.ts"
