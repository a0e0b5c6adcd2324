import { createHash } from 'node:crypto'

import { pageAssets } from './assets.ts'
import { paletteStyle } from './client/palette.ts'
import type { ReportData, RunView, Tile } from './report-data.ts'

/**
 * The whole of report.html: data, script and style in one file, which asks the network for nothing and, by its own
 * Content-Security-Policy, could not.
 */
export function pageHtml(data: ReportData): string {
  const { script, style } = pageAssets()
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${securityPolicy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${escapeHtml(`stowage ${data.version}`)}">
<link rel="icon" href="data:,">
<title>${escapeHtml(data.title)}</title>
<style>${paletteStyle()}${style}</style>
</head>
<body>
<noscript>${withoutScript(data)}</noscript>
<script type="application/json" id="report-data">${inlineJson(data)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** What is said where no script runs: the summary in words. */
function withoutScript({ title, runs }: ReportData): string {
  return `<main><h1>${escapeHtml(title)}</h1>
<p>The charts of this report are drawn by a script inside the file. Without it, this is the summary; the tables beside the file hold the rest.</p>
${runs.map(runInWords).join('\n')}</main>`
}

function runInWords({ name, tiles }: RunView): string {
  return `<h2>${escapeHtml(name)}</h2>\n<dl>${tiles.map(tileInWords).join('')}</dl>`
}

function tileInWords({ title, value, words }: Tile): string {
  return `<dt>${escapeHtml(`${title}: ${value}`)}</dt><dd>${escapeHtml(words)}</dd>`
}

/** JSON that no text in it can end: neither by a closing tag nor by opening a comment. */
export function inlineJson(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', String.raw`\u003c`)
}

/** Runs the one script that it was made with, and loads nothing. Charts set styles of elements as they are drawn. */
function securityPolicy(script: string): string {
  const digest = createHash('sha256').update(script).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
