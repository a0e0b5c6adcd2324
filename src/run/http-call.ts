import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads'

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** How a connection over https is made, as Node.js takes it: PEM texts, and whether the server's certificate is checked. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** What the worker says: an answer, or why there is none. */
type Reply = HttpAnswer | { readonly error: string }

/** Beyond a call's own timeout: for the worker to say that it is over, in milliseconds. */
const GRACE_MS = 2000

/**
 * The worker: does one POST at a time on connections that it keeps, answers on its port and wakes who waits.
 * It is text because a worker cannot be started from TypeScript everywhere that this runs.
 */
const WORKER = `
const http = require('node:http')
const https = require('node:https')
const { workerData } = require('node:worker_threads')
const { port, signal } = workerData
const plain = new http.Agent({ keepAlive: true })
const secure = new Map()
const secureAgent = (tls) => {
  const key = JSON.stringify(tls)
  if (!secure.has(key)) secure.set(key, new https.Agent({ keepAlive: true, ...tls }))
  return secure.get(key)
}
port.on('message', ({ url, body, timeout, tls }) => {
  let isOver = false
  const reply = (message) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    port.postMessage(message)
    Atomics.store(signal, 0, 1)
    Atomics.notify(signal, 0)
  }
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const isSecure = url.startsWith('https:')
  const agent = isSecure ? secureAgent(tls) : plain
  const request = (isSecure ? https : http).request(url, { method: 'POST', agent, headers }, (response) => {
    const parts = []
    response.on('data', (part) => parts.push(part))
    response.on('end', () => reply({ status: response.statusCode, body: Buffer.concat(parts).toString() }))
    response.on('error', (error) => reply({ error: error.message || error.code }))
  })
  const timer = setTimeout(() => {
    reply({ error: 'no answer within ' + timeout + ' ms' })
    request.destroy()
  }, timeout)
  request.on('error', (error) => reply({ error: error.message || error.code }))
  request.end(body)
})
`

/**
 * Posts JSON over HTTP or HTTPS and waits for the answer: the simulation stands still meanwhile.
 *
 * Starts a worker thread with the first call; it ends with the process, or by `close`.
 */
export class HttpCaller {
  readonly #signal = new Int32Array(new SharedArrayBuffer(4))
  #worker: Worker | undefined
  #port: MessageChannel['port1'] | undefined

  /** Throws when there is no answer in time; `timeout` is in milliseconds of the real clock. */
  post(url: string, body: string, timeout: number, tls: TlsOptions = {}): HttpAnswer {
    const port = this.#port ?? this.#start()
    Atomics.store(this.#signal, 0, 0)
    port.postMessage({ url, body, timeout, tls })
    Atomics.wait(this.#signal, 0, 0, timeout + GRACE_MS)
    const received = receiveMessageOnPort(port) as { readonly message: Reply } | undefined
    const reply = received?.message ?? { error: `no answer within ${timeout} ms` }
    if (received === undefined) this.close()
    if ('error' in reply) throw new Error(`Post ${JSON.stringify(url)}: ${reply.error}`)
    return reply
  }

  /** Ends the worker; the next call starts another. */
  close(): void {
    this.#port?.close()
    void this.#worker?.terminate()
    this.#port = undefined
    this.#worker = undefined
  }

  #start(): MessageChannel['port1'] {
    const { port1, port2 } = new MessageChannel()
    this.#worker = new Worker(WORKER, {
      eval: true,
      workerData: { port: port2, signal: this.#signal },
      transferList: [port2],
    })
    this.#worker.unref()
    port1.unref()
    this.#port = port1
    return port1
  }
}
