/** A function that asks for a frame to be painted: once, however often it is called before; none once the signal is given. */
export function onceAFrame(paint: () => void, signal: AbortSignal): () => void {
  let isWanted = false
  return () => {
    if (isWanted) return
    isWanted = true
    requestAnimationFrame(() => {
      isWanted = false
      if (!signal.aborted) paint()
    })
  }
}
