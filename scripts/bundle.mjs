/** Puts the built command into few files, dist/bin, which load in a fraction of the time of several hundred. */
import { chmodSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist/bin', { recursive: true, force: true })
await build({
  entryPoints: { stowage: 'dist/src/cli/main.js' },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  // Beside the bundle and not named in it: read only where the cost of its parts is measured.
  sourcemap: 'external',
  sourcesContent: false,
  // Loaded on demand, with a binary of its own.
  packages: 'external',
  banner: {
    js: "import { createRequire as createRequireHere } from 'node:module'\nconst require = createRequireHere(import.meta.url)",
  },
})
chmodSync('dist/bin/stowage.js', 0o755)
