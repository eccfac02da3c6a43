/**
 * What the README's first program may cost to load, and NodeTransport beside it. `npm run check` holds it: times are not here, since
 * they depend on the machine.
 */
export const budget = {
  /**
   * Bytes for a browser: bundled by esbuild (esm, minified), then gzip -9. The library's modules are 17 kB of it, if they are bundled by
   * themselves; the other 82 are Effect's, with FetchHttpClient, Schema and Config. Of the library, 21 failures with their messages and
   * what to do about each are 3. The reading of answers, codings and failures of the transport is 6. The minting of tokens, which
   * `BiginAuth.layerConfig` may need, is 5: what every reply of the accounts server means, when a token is renewed, and how long nobody
   * asks. The aim is 92,000: by `layerToken` alone a program has 93,300.
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
