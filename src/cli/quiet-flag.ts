/**
 * `--quiet`, which means the same for every command: neither progress nor what it says in words. Files, what `--json` or
 * another form was asked for, warnings, errors and the exit status stay. docs/cli.md says so once.
 */
export const QUIET = ['--quiet', 'no progress, and nothing in words'] as const

/** Flags of every command that says something. */
export interface QuietFlags {
  readonly quiet?: boolean
}
