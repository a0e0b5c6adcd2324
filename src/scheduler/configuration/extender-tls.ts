import type { FieldPath, Problems } from './problems.ts'
import type { PemSource, ResolvedTls } from './resolved.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads how an extender is reached over https; undefined where nothing is said of it, which trusts the certificates that
 * Node.js trusts.
 *
 * `enableHTTPS` only means that a server is trusted whatever its certificate where no authority is given. Data counts
 * before a file. Source: Kubernetes v1.37, scheduler/extender.go `makeTransport` and client-go transport `TLSConfigFor`.
 */
export function readExtenderTls(
  stanza: Fields,
  path: FieldPath,
  problems: Problems,
): ResolvedTls | undefined {
  const config = (stanza['tlsConfig'] ?? {}) as Fields
  const at = [...path, 'tlsConfig']
  const ca = sourceOf(config, 'ca')
  const cert = sourceOf(config, 'cert')
  const key = sourceOf(config, 'key')
  const insecure = config['insecure'] === true || (stanza['enableHTTPS'] === true && ca === undefined)
  if (ca !== undefined && insecure) {
    const message = 'specifying a root certificates file with the insecure flag is not allowed'
    problems.add([...at, 'insecure'], message)
  }
  if ((cert === undefined) !== (key === undefined))
    problems.warn(at, 'a certificate without its key, or a key alone, has no effect')
  const serverName = String(config['serverName'] ?? '')
  const client = cert === undefined || key === undefined ? undefined : { cert, key }
  if (ca === undefined && client === undefined && !insecure && serverName === '') return undefined
  return { insecure, serverName, ca, client }
}

function sourceOf(config: Fields, name: 'ca' | 'cert' | 'key'): PemSource | undefined {
  const data = String(config[`${name}Data`] ?? '')
  if (data !== '') return { field: `${name}Data`, pem: Buffer.from(data, 'base64').toString('latin1') }
  const file = String(config[`${name}File`] ?? '')
  return file === '' ? undefined : { field: `${name}File`, file }
}
