import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Text before the content of a file in the digest of a folder: lengths keep names and contents apart. */
function headOf(name: string, content: Buffer): string {
  return `${Buffer.byteLength(name)} ${name} ${content.length}\n`
}

/**
 * SHA-256 of what configurations were read from, by the last part of the path: of a file as it is, of a folder over all
 * YAML files below it by name, for templates lie beside the configurations.
 */
export function configDigests(places: readonly string[]): Readonly<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const place of places) {
    const hash = createHash('sha256')
    if (statSync(place).isDirectory()) {
      const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).map((file) =>
        file.split(path.sep).join('/'),
      )
      for (const file of files.filter((name) => name.endsWith('.yaml')).sort()) {
        const content = readFileSync(path.join(place, file))
        hash.update(headOf(file, content)).update(content)
      }
    } else hash.update(readFileSync(place))
    digests[path.basename(path.resolve(place))] = hash.digest('hex')
  }
  return digests
}
