/** Certificates for TLS on loopback, made when a test runs: Node cannot make them, and not every machine has openssl. */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto"

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A certificate that signs itself, for the host of that name, valid from and until those years. */
export const certificate = (name: string, from = 2020, until = 2120): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  })
  const distinguishedName = sequence(set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))))
  const validity = sequence(...[from, until].map((year) => der(0x18, Buffer.from(`${year}0101000000Z`))))
  const names = sequence(der(0x82, Buffer.from(name)))
  const extensions = sequence(sequence(oid(0x55, 0x1d, 0x11), der(0x04, names)))
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    distinguishedName,
    validity,
    distinguishedName,
    publicKey,
    der(0xa3, extensions)
  )
  const signature = sign("sha256", body, createPrivateKey(privateKey))
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.of(0), signature))
  return {
    key: privateKey,
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`
  }
}

/** A value of ASN.1 in DER (ITU-T X.690): its tag, the length of what it holds, and that. */
const der = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

const sequence = (...parts: ReadonlyArray<Uint8Array>): Buffer => der(0x30, ...parts)
const set = (...parts: ReadonlyArray<Uint8Array>): Buffer => der(0x31, ...parts)
const integer = (value: number): Buffer => der(0x02, Buffer.of(value))
const oid = (...bytes: ReadonlyArray<number>): Buffer => der(0x06, Buffer.of(...bytes))

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
