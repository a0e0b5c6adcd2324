import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What a program cost, user and system time of all threads. */
export interface CommandCost {
  readonly cpuSeconds: number
  readonly peakRssBytes: number
  readonly stdout: string
}

const STOWAGE = fileURLToPath(new URL('../dist/bin/stowage.js', import.meta.url))
/** Ends the program with what it cost, on the last line of stderr. */
const TELL = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('\\n'+JSON.stringify({cpuSeconds:(user+system)/1e6,peakRssBytes:process.resourceUsage().maxRSS*1024}))})`

/** Runs a built stowage as a user does. */
export function runStowage(...words: readonly string[]): CommandCost {
  if (!existsSync(STOWAGE)) throw new Error('stowage is not built: npm run build')
  return runNode(STOWAGE, ...words)
}

/** Runs a program in Node. Throws when it fails. */
export function runNode(...words: readonly string[]): CommandCost {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', TELL, ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`)
  const cost = JSON.parse(stderr.slice(stderr.lastIndexOf('\n'))) as Omit<CommandCost, 'stdout'>
  return { ...cost, stdout }
}
