/**
 * Puts the built command into dist/bin: the command, the program in one file, and V8's code of it, so that a short command
 * does not spend its time on reading and compiling; and script and style of report.html into dist/page.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'

import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'
import { build } from 'esbuild'

import { CHECK_OPTIONS } from '../dist/src/scenario/check-options.js'
import { SCENARIO_SCHEMA } from '../dist/src/scenario/schema.js'
import { inlinedNumbers } from './inlined-numbers.mjs'

/** Bundles the check of scenarios as a function that is made, instead of what makes it. */
const madeCheck = {
  name: 'made-check',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]scenario[\\/]schema-check\.js$/ }, () => {
      const ajv = new Ajv2020({ ...CHECK_OPTIONS, code: { ...CHECK_OPTIONS.code, source: true, esm: true } })
      const code = standalone.default(ajv, ajv.compile(SCENARIO_SCHEMA))
      return { contents: `${code}\nexport { validate as schemaCheck }`, resolveDir: 'dist' }
    })
  },
}

/** Lets `compiled-program.ts` import what the bundled program does not hold: a script that is kept as code cannot. */
const importedModules = {
  name: 'imported-modules',
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/](?:run[\\/]module-loader|plan[\\/]solver|report[\\/]query[\\/]duckdb)\.js$/ },
      ({ path }) => {
        return { contents: readFileSync(path, 'utf8').replaceAll(/\bimport\(/g, 'importModule(') }
      },
    )
  },
}

const shared = {
  outdir: 'dist/bin',
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  // Beside the bundle and not named in it: read only where the cost of its parts is measured.
  sourcemap: 'external',
  sourcesContent: false,
}

for (const folder of ['dist/bin', 'dist/page']) rmSync(folder, { recursive: true, force: true })
await build({ ...shared, entryPoints: { stowage: 'dist/src/cli/main.js' }, format: 'esm' })
await build({
  ...shared,
  entryPoints: { program: 'dist/src/cli/program.js' },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  define: { 'import.meta.url': 'importMetaUrl' },
  // Loaded on demand, each with a binary of its own.
  external: ['esbuild', '@duckdb/node-api', 'highs'],
  plugins: [madeCheck, importedModules, inlinedNumbers],
})
// Script and style of report.html: src/report/page/assets.ts reads them.
await build({
  entryPoints: { report: 'src/report/page/client/main.ts', style: 'src/report/page/client/page.css' },
  outdir: 'dist/page',
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
})
chmodSync('dist/bin/stowage.js', 0o755)
const { status } = spawnSync(process.execPath, ['scripts/keep-code.mjs'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
process.exitCode = status ?? 1
