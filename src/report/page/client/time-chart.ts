import uPlot from 'uplot'

import type { Marker } from '../report-data.ts'
import type { PageContext } from './context.ts'
import { tickText } from './format.ts'
import { followShown } from './make-context.ts'
import { drawMarkers } from './marker-layer.ts'
import { lineLook } from './palette.ts'

/** Room for the labels of the left axis, in CSS pixels: the same in all charts, so that their times stand in line. */
const LEFT_AXIS = 54

/** Times between ticks, in seconds: whole parts of a minute, an hour, a day. */
const TIME_STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400, 172_800, 432_000, 864_000, 2_592_000, 8_640_000, 31_536_000,
]

/** What a chart draws. */
export interface TimeChartSpec {
  readonly times: readonly number[]
  /** A line a row; undefined leaves a gap. */
  readonly lines: readonly (readonly (number | undefined)[])[]
  /** Whether a value stands until the next. */
  readonly isStepped: boolean
  readonly markers: readonly Marker[]
  /** The left axis ends here at least: 1 of a share. */
  readonly topAtLeast: number
  /** The text of a value on the left axis. */
  readonly valueText: (value: number) => string
  readonly height: number
}

/** A chart that is drawn. */
export interface TimeChart {
  /** Draws it anew at another width, in CSS pixels. */
  resize(width: number): void
  /** Draws it in the colours of now. */
  redraw(): void
  /** Shows or hides a line. */
  show(line: number, isShown: boolean): void
  /** Draws other values of the same lines. */
  replace(columns: Pick<TimeChartSpec, 'times' | 'lines'>): void
}

/**
 * Lines over the shared time axis. Dragging sets the range of all charts, a click their instant; what others set is
 * shown here.
 */
export function drawTimeChart(target: HTMLElement, spec: TimeChartSpec, context: PageContext): TimeChart {
  const { range, instant, pointed, signal } = context
  const plot = new uPlot(plotOptions(target, spec, context), plotData(spec), target)
  const showInstant = (at: number | undefined): void => {
    const isHere = at !== undefined && at >= range.value.from && at <= range.value.to
    plot.setCursor({ left: isHere ? plot.valToPos(at, 'x') : -10, top: isHere ? 0 : -10 }, false)
  }
  range.follow(({ from, to }) => {
    plot.setScale('x', { min: from, max: to })
    queueMicrotask(() => {
      showInstant(pointed.value ?? instant.value)
    })
  }, signal)
  followShown(context, showInstant)
  // uPlot's own hook of the cursor is called when the scale changes, too.
  plot.over.addEventListener('mousemove', (event) => {
    pointed.set(plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x'))
  })
  plot.over.addEventListener('mouseleave', () => {
    pointed.set(undefined)
  })
  signal.addEventListener('abort', () => {
    plot.destroy()
  })
  return {
    resize(width) {
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: spec.height })
    },
    redraw() {
      plot.redraw(false, true)
    },
    show(line, isShown) {
      plot.setSeries(line + 1, { show: isShown })
    },
    replace(columns) {
      plot.setData(plotData(columns))
    },
  }
}

function plotData({ times, lines }: Pick<TimeChartSpec, 'times' | 'lines'>): uPlot.AlignedData {
  return [[...times], ...lines.map((line) => [...line])]
}

function plotOptions(target: HTMLElement, spec: TimeChartSpec, context: PageContext): uPlot.Options {
  const { range } = context
  return {
    width: Math.max(target.clientWidth, 1),
    height: spec.height,
    padding: [spec.markers.length > 0 ? 18 : 8, 10, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      // The range is not uPlot's own to reset: the page's double click does it.
      bind: { dblclick: () => null },
    },
    scales: {
      x: { time: false, auto: false, range: () => [range.value.from, range.value.to] },
      y: { range: (_plot, _least, most) => [0, topOf(most, spec.topAtLeast)] },
    },
    axes: [timeAxis(context), valueAxis(spec, context)],
    series: [{}, ...spec.lines.map((_line, index) => lineSeries(index, spec.isStepped, context))],
    hooks: {
      // Over the grid, whose lines would hide those of instants like a full hour, and under the lines of the chart.
      drawAxes: [
        (plot) => {
          drawMarkers(plot.ctx, markerFrame(plot), spec.markers, context)
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < 1) return
          context.zoom({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') })
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

/** A step above the greatest value: something to show where all is zero. */
function topOf(most: number | null, atLeast: number): number {
  const top = Math.max(most ?? 0, atLeast)
  return top === atLeast && atLeast > 0 ? atLeast * 1.02 : top * 1.08 || 1
}

function markerFrame(plot: uPlot): Parameters<typeof drawMarkers>[1] {
  return {
    ...plot.bbox,
    ratio: uPlot.pxRatio,
    xOf: (at) => plot.valToPos(at, 'x', true),
  }
}

function lineSeries(index: number, isStepped: boolean, context: PageContext): uPlot.Series {
  const { colour, dash } = lineLook(index)
  const paths = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined
  return {
    stroke: () => context.colour(colour),
    width: 1.6,
    dash: [...dash],
    ...(paths === undefined ? {} : { paths }),
    points: { show: false },
  }
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif'

function timeAxis(context: PageContext): uPlot.Axis {
  return {
    scale: 'x',
    font: FONT,
    size: 26,
    gap: 4,
    space: 76,
    incrs: TIME_STEPS,
    stroke: () => context.colour('muted'),
    grid: { stroke: () => context.colour('grid'), width: 1 },
    ticks: { stroke: () => context.colour('border'), width: 1, size: 4 },
    values: (_plot, splits, _axis, _space, step) => splits.map((at) => tickText(at, step)),
  }
}

function valueAxis({ valueText }: TimeChartSpec, context: PageContext): uPlot.Axis {
  return {
    scale: 'y',
    font: FONT,
    size: LEFT_AXIS,
    gap: 6,
    space: 34,
    stroke: () => context.colour('muted'),
    grid: { stroke: () => context.colour('grid'), width: 1 },
    ticks: { show: false },
    values: (_plot, splits) => splits.map((value) => valueText(value)),
  }
}
