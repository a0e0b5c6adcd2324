import { createRequire } from 'node:module'

/**
 * Whether DuckDB is installed: it is an optional dependency, and tests that need it are skipped without it. In CI they run, and fail.
 */
export const hasDuckDb = process.env['CI'] === 'true' || isInstalled()

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('@duckdb/node-api')
    return true
  } catch {
    return false
  }
}
