import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { buildExtenders } from '../../src/run/build-extenders.ts'
import { SECOND } from '../../src/base/time.ts'
import { PluginWatch } from '../../src/run/plugin-watch.ts'
import { parseConfiguration } from '../../src/scheduler/configuration/parse.ts'
import type { SchedulerExtender } from '../../src/scheduler/framework/extender.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const pki = (name: string): string => path.join(PROJECT_ROOT, 'test', 'run', 'tls', name)
const base64 = (name: string): string => readFileSync(pki(name)).toString('base64')

/** A server that takes the first node, from a thread of its own; it asks for a client's certificate where it should. */
const SERVER = `
const https = require('node:https')
const { parentPort, workerData } = require('node:worker_threads')
const server = https.createServer(workerData, (request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const { NodeNames } = JSON.parse(Buffer.concat(parts))
    response.end(JSON.stringify({ NodeNames: [NodeNames[0]] }))
  })
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

const pod = { metadata: { name: 'web', namespace: 'default' } }
const nodes = [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }]

async function startServer(
  requestCert: boolean,
): Promise<{ readonly port: number; readonly end: () => void }> {
  const worker = new Worker(SERVER, {
    eval: true,
    workerData: {
      cert: readFileSync(pki('server.pem'), 'utf8'),
      key: readFileSync(pki('server-key.pem'), 'utf8'),
      ca: readFileSync(pki('ca.pem'), 'utf8'),
      requestCert,
      rejectUnauthorized: requestCert,
    },
  })
  const port = await new Promise<number>((resolve) => {
    worker.once('message', (message: number) => resolve(message))
  })
  return { port, end: () => void worker.terminate() }
}

describe('an extender over HTTPS', () => {
  let open: Awaited<ReturnType<typeof startServer>>
  let strict: Awaited<ReturnType<typeof startServer>>

  beforeAll(async () => {
    open = await startServer(false)
    strict = await startServer(true)
  })

  afterAll(() => {
    open.end()
    strict.end()
  })

  async function extender(more: object, port = open.port): Promise<SchedulerExtender> {
    const stanza = {
      urlPrefix: `https://127.0.0.1:${port}`,
      filterVerb: 'filter',
      nodeCacheCapable: true,
      ...more,
    }
    const [built] = await buildExtenders(parseConfiguration({ extenders: [stanza] }, ''), [], {
      watch: new PluginWatch(),
      longest: 10 * SECOND,
    })
    if (built === undefined) throw new Error('there is no extender')
    return built
  }

  it.each([
    ['any server where it is told so', { tlsConfig: { insecure: true } }],
    ['any server with enableHTTPS and no authority', { enableHTTPS: true }],
    ['a server of an authority in a file', { enableHTTPS: true, tlsConfig: { caFile: pki('ca.pem') } }],
    ['a server of an authority in the configuration', { tlsConfig: { caData: base64('ca.pem') } }],
    [
      'a server by another name that its certificate holds',
      { tlsConfig: { caFile: pki('ca.pem'), serverName: 'extender.example' } },
    ],
  ])('trusts %s', async (_what, more) => {
    expect((await extender(more)).filter?.(pod, nodes)).toMatchObject({ nodeNames: ['a'] })
  })

  it.each([
    ['nobody vouches for', {}],
    ['has another name', { tlsConfig: { caFile: pki('ca.pem'), serverName: 'other.example' } }],
  ])('does not trust a server that %s', async (_what, more) => {
    const built = await extender(more)
    expect(() => built.filter?.(pod, nodes)).toThrow(/^Post "https:.*(certificate|altnames)/)
  })

  it('shows its certificate to a server that asks for one', async () => {
    const files = { certFile: pki('client.pem'), keyFile: pki('client-key.pem'), caFile: pki('ca.pem') }
    const data = {
      certData: base64('client.pem'),
      keyData: base64('client-key.pem'),
      caData: base64('ca.pem'),
    }
    for (const tlsConfig of [files, data]) {
      const built = await extender({ tlsConfig }, strict.port)
      expect(built.filter?.(pod, nodes)).toMatchObject({ nodeNames: ['a'] })
    }
    const nameless = await extender({ tlsConfig: { caFile: pki('ca.pem') } }, strict.port)
    expect(() => nameless.filter?.(pod, nodes)).toThrow(/^Post "https:/)
  })

  it.each([
    ['a file that is not there', { caFile: '/no/such.pem' }, 'caFile: /no/such.pem cannot be read'],
    [
      'a file without a certificate',
      { caFile: pki('client-key.pem') },
      'caFile: .* holds no certificate in PEM',
    ],
    [
      'a key of another certificate',
      { certFile: pki('client.pem'), keyFile: pki('server-key.pem') },
      'keyFile: .* is not the key of the certificate',
    ],
    [
      'no key where one should be',
      { certFile: pki('client.pem'), keyFile: pki('client.pem') },
      'keyFile: .* holds no private key in PEM',
    ],
    [
      'an authority that is not asked',
      { caFile: pki('ca.pem'), insecure: true },
      'insecure: specifying a root certificates file with the insecure flag is not allowed',
    ],
    ['text that is no base64', { caData: 'QUI*' }, 'caData: illegal base64 data at input byte 3'],
    ['base64 without its end', { caData: 'QUI' }, 'caData: illegal base64 data at input byte 3'],
    [
      'a number for data',
      { caData: 1 },
      String.raw`caData: json: cannot unmarshal number into Go struct field .*caData of type \[\]uint8`,
    ],
  ])('refuses %s', async (_what, tlsConfig, message) => {
    await expect(extender({ tlsConfig })).rejects.toThrow(new RegExp(`extenders.0..tlsConfig.${message}`))
  })

  it('looks for files from the working directory', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tls-'))
    writeFileSync(path.join(directory, 'ca.pem'), readFileSync(pki('ca.pem')))
    const caFile = path.relative(process.cwd(), path.join(directory, 'ca.pem'))
    expect((await extender({ tlsConfig: { caFile } })).filter?.(pod, nodes)).toMatchObject({
      nodeNames: ['a'],
    })
  })
})
