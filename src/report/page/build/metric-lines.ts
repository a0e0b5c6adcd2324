import { METRICS } from '../../metrics.ts'
import { metricText } from '../../metric-text.ts'
import type { MetricLine } from '../report-data.ts'
import type { SummaryMetric } from './run-files.ts'

const PART = '_by_'
const NO_VALUE = '–'

/** The metrics of a summary as the page's table shows them. */
export function metricLines(metrics: readonly SummaryMetric[]): readonly MetricLine[] {
  return metrics.map(({ name, unit, value }) => ({
    name,
    ...wordsOf(name),
    value: value === undefined ? NO_VALUE : metricText(value, unit),
  }))
}

/** Label and section of a metric, or of the whole that it is a part of. */
function wordsOf(name: string): Pick<MetricLine, 'label' | 'section'> {
  const exact = METRICS.find((metric) => metric.name === name)
  if (exact !== undefined) {
    const { label, section, statistic } = exact
    return { label: statistic === undefined ? label : `${label}, ${statistic}`, section }
  }
  const [whole = '', part = ''] = splitOnce(name, PART)
  const definition = METRICS.find((metric) => metric.name === whole)
  if (definition === undefined) return { label: name, section: 'Run' }
  return {
    label: `${definition.label}: ${definition.partWords?.(part) ?? part}`,
    section: definition.section,
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
