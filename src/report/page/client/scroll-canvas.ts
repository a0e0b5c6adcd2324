import { element } from './element.ts'

/** A canvas that shows a part of something higher: it stays as large as its window, whatever there is to scroll through. */
export interface ScrollCanvas {
  readonly root: HTMLElement
  readonly canvas: HTMLCanvasElement
  /** Of the window, in CSS pixels. */
  readonly width: number
  readonly height: number
  /** Pixels of the canvas to one of CSS. */
  readonly ratio: number
  /** How far it is scrolled, in CSS pixels. */
  readonly top: number
  /** Sets heights of the window and of what is scrolled through. */
  fit(height: number, contentHeight: number): void
  scrollTo(top: number): void
  /** A point of an event in CSS pixels of the window. */
  pointOf(event: MouseEvent): readonly [x: number, y: number]
  /** The canvas' context, with CSS pixels as unit. */
  context(): CanvasRenderingContext2D
}

/**
 * Makes one. `changed` is called once a frame after the window was resized or scrolled, and draws.
 */
export function scrollCanvas(
  attributes: Readonly<Record<string, string | number>>,
  changed: (why: 'size' | 'scroll') => void,
  signal: AbortSignal,
): ScrollCanvas {
  const canvas = element('canvas', attributes)
  const spacer = element('div', { class: 'scroll-canvas-spacer' }, canvas)
  const root = element('div', { class: 'scroll-canvas' }, spacer)
  const pixels = canvas.getContext('2d', { alpha: true })
  if (pixels === null) throw new Error('this browser draws on no canvas')
  let size = { width: 0, height: 0, ratio: 0 }
  const measure = (): boolean => {
    const next = {
      width: spacer.clientWidth,
      height: root.clientHeight,
      ratio: Math.max(1, window.devicePixelRatio),
    }
    if (next.width === size.width && next.height === size.height && next.ratio === size.ratio) return false
    size = next
    canvas.width = Math.round(size.width * size.ratio)
    canvas.height = Math.round(size.height * size.ratio)
    canvas.style.height = `${size.height}px`
    return true
  }
  const observer = new ResizeObserver(() => {
    if (!isPrinting() && measure()) changed('size')
  })
  observer.observe(root)
  signal.addEventListener('abort', () => {
    observer.disconnect()
  })
  root.addEventListener('scroll', () => {
    changed('scroll')
  })
  return {
    root,
    canvas,
    get width() {
      if (size.width === 0) measure()
      return size.width
    },
    get height() {
      return size.height
    },
    get ratio() {
      return size.ratio
    },
    get top() {
      return root.scrollTop
    },
    fit(height, contentHeight) {
      root.style.height = `${height}px`
      spacer.style.height = `${Math.max(height, contentHeight)}px`
      measure()
    },
    scrollTo(top) {
      root.scrollTop = top
    },
    pointOf(event) {
      const box = canvas.getBoundingClientRect()
      return [event.clientX - box.left, event.clientY - box.top]
    },
    context() {
      pixels.setTransform(size.ratio, 0, 0, size.ratio, 0, 0)
      return pixels
    },
  }
}

/** On paper the canvas is scaled as a picture, and not laid out anew. */
function isPrinting(): boolean {
  return window.matchMedia('print').matches
}
