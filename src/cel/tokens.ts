/** Names that an expression is read with in place of what it says: ours instead of the library's own. */
export interface Renaming {
  /** `functions`: the name before a parenthesis and not after a point; `calls`: before a parenthesis, wherever. */
  readonly functions: Readonly<Record<string, string>>
  readonly calls: Readonly<Record<string, string>>
}

/** A word, a text with its prefixes and quotes, a comment, or any other single character. */
const TOKEN =
  /\/\/[^\n]*|[rRbB]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?''')|[rR][bB]?"[^"\n]*"|[rR][bB]?'[^'\n]*'|[bB][rR]"[^"\n]*"|[bB][rR]'[^'\n]*'|[bB]?"(?:\\[\s\S]|[^"\\\n])*"|[bB]?'(?:\\[\s\S]|[^'\\\n])*'|[A-Za-z_]\w*|\s+|[\s\S]/g

/** Rewrites the names of calls in an expression; texts and comments stay as they are. */
export function renameCalls(expression: string, renaming: Renaming): string {
  const tokens = expression.match(TOKEN) ?? []
  let before = ''
  return tokens
    .map((token, place) => {
      if (/^\s/.test(token)) return token
      const isMember = before === '.'
      before = token
      const own = Object.hasOwn(renaming.calls, token)
        ? renaming.calls[token]
        : !isMember && Object.hasOwn(renaming.functions, token)
          ? renaming.functions[token]
          : undefined
      return own !== undefined && opensCall(tokens, place + 1) ? own : token
    })
    .join('')
}

function opensCall(tokens: readonly string[], from: number): boolean {
  const next = tokens.slice(from).find((token) => !/^\s/.test(token))
  return next === '('
}
