import { deflateSync, inflateSync } from 'fflate'

import type { PackedColumn } from './report-data.ts'

const ARRAYS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const

type ArrayOf = { readonly [Type in keyof typeof ARRAYS]: InstanceType<(typeof ARRAYS)[Type]> }

/** Bytes that become text at once: arguments of a call have a bound. */
const CHUNK = 0x8000

/**
 * Packs a column: its bytes by raw DEFLATE, as base64. The compressor is our own dependency, not the machine's, so that the
 * same column gives the same text everywhere.
 */
export function packColumn<Type extends PackedColumn['type']>(
  type: Type,
  values: ArrayLike<number>,
): PackedColumn {
  const column = new ARRAYS[type](values)
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  return { type, length: values.length, data: base64(deflateSync(bytes, { level: 2 })) }
}

/** The numbers of a packed column. */
export function unpackColumn({ type, length, data }: PackedColumn): ArrayOf[PackedColumn['type']] {
  const Column = ARRAYS[type]
  const out = new Uint8Array(length * Column.BYTES_PER_ELEMENT)
  inflateSync(
    Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)),
    { out },
  )
  return new Column(out.buffer)
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return btoa(text)
}
