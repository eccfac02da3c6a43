/**
 * What the README's first program may cost to load, and NodeTransport beside it. `npm run check` holds it: times are not here, since
 * they depend on the machine.
 */
export const budget = {
  /**
   * Bytes for a browser: bundled by esbuild (esm, minified), then gzip -9. The modules of Effect that the program needs, with FetchHttpClient,
   * Schema and Config, are 82 kB of it, also in a program that is written without the library. What is left is the library: 21 failures with
   * their messages and what to do about each (3), the reading of answers, codings and failures of the transport (6), and the minting of
   * tokens, which `BiginAuth.layerConfig` may need (5): what every reply of the accounts server means, when a token is renewed, and how long
   * nobody asks. That each exchange tells a collection when its request leaves is 0.2. The aim is 92,000: by `layerToken` alone a program has 92,900.
   */
  bytes: 98_950,
  /**
   * Modules that its import loads, in Node as well as in a browser without a bundler: each is a file to find, to read and to run.
   * Console, FetchHttpClient, HttpClientRequest, Effect, Layer, Schema and Config load 506 by themselves, and `Attachments` and `BiginAuth` 63 of the library.
   * The others are what archives, stores and collections are made of: KeyValueStore, Path, HttpBody, FiberSet and four of @noble/hashes.
   */
  modules: 577,
  /**
   * Modules that `effect-bigin-node/NodeTransport` loads beside them, in Node alone: nine of its own, and HttpClientResponse of
   * @effect/platform. undici, one package, does not count.
   */
  transportModules: 10
} as const
