/** What keeps the connections: undici's Agent, or one of its agents for proxies. */
import * as Duration from "effect/Duration"
import type { Socket } from "node:net"
import type { ConnectionOptions, SecureContextOptions } from "node:tls"
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent } from "undici"

/**
 * What Node's `tls.connect` takes that is not of one connection alone.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tls
  extends SecureContextOptions, Pick<ConnectionOptions, "checkServerIdentity" | "rejectUnauthorized" | "servername"> {}

export interface Settings {
  readonly connections: number | undefined
  readonly connectTimeout: Duration.Duration
  readonly headersTimeout: Duration.Duration
  readonly bodyTimeout: Duration.Duration
  readonly keepAliveTimeout: Duration.Duration
  readonly tls: Tls
  readonly proxy: string
}

export interface Connections {
  readonly dispatcher: Dispatcher
  /** Ends all of them, with the requests on them. */
  readonly destroy: () => Promise<void>
}

export const connectionsOf = (settings: Settings): Connections => {
  const sockets = new Set<Socket>()
  const dispatcher = dispatcherOf(settings, sockets)
  return {
    dispatcher,
    destroy: () => {
      const destroyed = dispatcher.destroy()
      // undici leaves alone what is still connecting
      for (const socket of sockets) socket.on("error", () => {}).destroy(closed)
      return destroyed
    }
  }
}

const closed = new Error("the layer was closed")

const dispatcherOf = (settings: Settings, sockets: Set<Socket>): Dispatcher => {
  const { bodyTimeout, connectTimeout, connections, headersTimeout, keepAliveTimeout, proxy, tls } = settings
  const timeout = millis(connectTimeout)
  const requestTls = { ...tls, timeout }
  const options = {
    ...(connections === undefined ? {} : { connections }),
    headersTimeout: millis(headersTimeout),
    bodyTimeout: millis(bodyTimeout),
    keepAliveTimeout: millis(keepAliveTimeout),
    connect: remembering(sockets, requestTls)
  }
  const proxied = {
    ...options,
    requestTls,
    // undici makes a connector of its own for what it connects to a proxy
    clientFactory: (origin: URL) =>
      tunnels(origin, { connect: remembering(sockets, { timeout }), headersTimeout: timeout })
  }
  if (proxy === "none" || (proxy === "environment" && !isProxySet())) return new Agent(options)
  try {
    return proxy === "environment" ? new EnvHttpProxyAgent(proxied) : new ProxyAgent({ ...proxied, uri: proxy })
  } catch {
    // the error would print the URL, and with it a password
    throw new TypeError("NodeTransport: the URL of the proxy is not valid")
  }
}

/** As undici counts: 0 is no limit. */
const millis = (duration: Duration.Duration): number => {
  const millis = Math.ceil(Duration.toMillis(duration))
  return Number.isFinite(millis) ? millis : 0
}

/** As EnvHttpProxyAgent reads them. */
const isProxySet = (): boolean => {
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy = HTTP_PROXY, https_proxy = HTTPS_PROXY } = process.env
  return Boolean(http_proxy) || Boolean(https_proxy)
}

/** undici's connector, whose sockets are in the set from their beginning to their end. */
const remembering = (sockets: Set<Socket>, options: buildConnector.BuildOptions): buildConnector.connector => {
  // it gives its socket at once, which its type does not say
  const connect = buildConnector(options) as (...args: Parameters<buildConnector.connector>) => Socket
  return (target, callback) => {
    const socket = connect(target, callback)
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  }
}

/**
 * Connections to a proxy. Without this, undici asks again and again for the tunnel where the proxy closes the connection: it takes
 * these two codes for faults of a connection that was not in use.
 */
const tunnels = (origin: URL, options: Pool.Options): Dispatcher => {
  const pool = new Pool(origin, options)
  const connect: (target: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> = pool.connect.bind(pool)
  return Object.assign(pool, {
    connect: (target: Dispatcher.ConnectOptions) =>
      connect(target).catch((cause: Error & { readonly code?: string }) => {
        const isTakenForIdle = cause.code === "UND_ERR_SOCKET" || cause.code === "UND_ERR_INFO"
        throw isTakenForIdle ? Object.assign(new Error("no tunnel", { cause }), { code: "ERR_PROXY_TUNNEL" }) : cause
      })
  })
}
