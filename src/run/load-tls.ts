import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { InputError } from '../base/errors.ts'
import type { PemSource, ResolvedTls } from '../scheduler/configuration/resolved.ts'
import type { TlsOptions } from './http-call.ts'

/**
 * Loads the certificates and the key that a connection over https is made with.
 *
 * Throws `InputError` at the field below `path` whose text or file does not hold what it should.
 */
export function loadTls(tls: ResolvedTls | undefined, path: string): TlsOptions | undefined {
  if (tls === undefined) return undefined
  const { ca, client, insecure, serverName } = tls
  return {
    ...(ca === undefined ? {} : { ca: loadCertificates(ca, path) }),
    ...(client === undefined ? {} : loadClient(client, path)),
    ...(serverName === '' ? {} : { servername: serverName }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  }
}

function loadClient(
  { cert, key }: { readonly cert: PemSource; readonly key: PemSource },
  path: string,
): { readonly cert: string; readonly key: string } {
  const certificate = loadCertificates(cert, path)
  const pem = load(key, path)
  const loaded = attempt(() => createPrivateKey(pem))
  if (loaded === undefined) throw wrong(key, path, 'holds no private key in PEM')
  if (!new X509Certificate(certificate).checkPrivateKey(loaded))
    throw wrong(key, path, 'is not the key of the certificate')
  return { cert: certificate, key: pem }
}

function loadCertificates(source: PemSource, path: string): string {
  const pem = load(source, path)
  if (attempt(() => new X509Certificate(pem)) === undefined)
    throw wrong(source, path, 'holds no certificate in PEM')
  return pem
}

function load(source: PemSource, path: string): string {
  if ('pem' in source) return source.pem
  const { file } = source
  const text = attempt(() => readFileSync(file, 'latin1'))
  if (text === undefined)
    throw wrong(source, path, 'cannot be read', 'a file is looked for from the working directory')
  return text
}

function attempt<Value>(body: () => Value): Value | undefined {
  try {
    return body()
  } catch {
    return undefined
  }
}

function wrong(source: PemSource, path: string, message: string, hint?: string): InputError {
  const what = 'file' in source ? `${source.file} ` : ''
  return new InputError({
    field: `${path}.${source.field}`,
    message: what + message,
    ...(hint === undefined ? {} : { hint }),
  })
}
