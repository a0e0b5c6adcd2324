/** A name in the room that there is, in pixels: its end tells nodes apart, so what does not fit is left out before it. */
export function shortenedName(pixels: CanvasRenderingContext2D, name: string, room: number): string {
  if (pixels.measureText(name).width <= room) return name
  for (let from = 1; from < name.length; from++) {
    const text = `…${name.slice(from)}`
    if (pixels.measureText(text).width <= room) return text
  }
  return ''
}
