import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { build } from 'esbuild'
import { expect, it } from 'vitest'

import { SourcePlaces } from '../../src/benchmark/source-places.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'

it('finds the sources of bundled functions by the map beside the bundle', async () => {
  const root = temporaryDirectory()
  mkdirSync(path.join(root, 'dist/src/engine'), { recursive: true })
  writeFileSync(path.join(root, 'dist/src/engine/clock.js'), 'export function tick() {\n  return 1\n}\n')
  writeFileSync(
    path.join(root, 'dist/src/main.js'),
    "import { tick } from './engine/clock.js'\nexport function main() {\n  return tick()\n}\n",
  )
  await build({
    entryPoints: [path.join(root, 'dist/src/main.js')],
    outdir: path.join(root, 'dist/bin'),
    bundle: true,
    format: 'esm',
    sourcemap: 'external',
    logLevel: 'silent',
  })
  const file = path.join(root, 'dist/bin/main.js')
  const lines = readFileSync(file, 'utf8').split('\n')
  const places = new SourcePlaces(root)
  const placeOf = (name: string): string | undefined => {
    const lineNumber = lines.findIndex((line) => line.includes(`function ${name}`))
    const columnNumber = (lines[lineNumber] ?? '').indexOf('(')
    return places.of({ url: pathToFileURL(file).href, lineNumber, columnNumber })
  }
  expect(placeOf('tick')).toBe('src/engine/clock')
  expect(placeOf('main')).toBe('src/main')
})

it('names sources that are not bundled by their place, and knows none of what has no file', () => {
  const places = new SourcePlaces('/opt/stowage')
  const at = { lineNumber: 0, columnNumber: 0 }
  expect(places.of({ ...at, url: 'file:///opt/stowage/src/engine/clock.ts' })).toBe('src/engine/clock')
  expect(places.of({ ...at, url: 'file:///opt/stowage/dist/plugins/gpu-share.js' })).toBe('plugins/gpu-share')
  expect(places.of({ ...at, url: 'file:///home/me/mine.ts' })).toBe('/home/me/mine.ts')
  expect(places.of({ ...at, url: 'node:fs' })).toBeUndefined()
  expect(places.of({ ...at, url: '' })).toBeUndefined()
})
