/**
 * Whether the database of the IANA has a zone of this very name.
 *
 * Names of zones are names of files to Go, so case counts; JavaScript ignores it. Names that JavaScript gives
 * back in another case are wrong; of aliases, which it replaces, the form is looked at.
 */
export function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true
  let resolved: string
  try {
    resolved = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return false
  }
  if (resolved.toLowerCase() === name.toLowerCase()) return resolved === name
  return !/^[+-]/.test(name) && /^[A-Z]/.test(name) && isAliasForm(name)
}

/** Parts of names start with a capital, or are words in the middle of a name, as in `Port_of_Spain`. */
function isAliasForm(name: string): boolean {
  return name
    .split('/')
    .every((part) => part === part.toUpperCase() || /^[A-Z][A-Za-z]*[a-z]([-_+0-9]|[A-Za-z])*$/.test(part))
}
