import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { BasicType } from 'hyparquet-writer'
import type { ColumnType, TypedColumn } from './column-types.ts'
import type { OutputFile } from './output-file.ts'

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  int32: 'INT32',
  int64: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
}

/** A value of a column: bigint where the column is int64; undefined is null. */
export type ColumnValue = string | number | bigint | boolean | undefined

/**
 * Writes a Parquet file group by group: Snappy, dictionaries where they halve a column, nulls for what is empty. The same rows in the
 * same groups make the same bytes. The file is finished by its owner.
 */
export class ParquetFile {
  readonly #columns: readonly TypedColumn[]
  readonly #writer: ParquetWriter

  constructor(file: OutputFile, columns: readonly TypedColumn[]) {
    this.#columns = columns
    const bytes = new ByteWriter()
    const flush = (): void => {
      file.write(bytes.getBytes())
      bytes.index = 0
    }
    this.#writer = new ParquetWriter({
      writer: Object.assign(bytes, { flush, finish: flush }),
      schema: schemaFromColumnData({
        columnData: columns.map(({ name, type }) => ({ name, data: [], type: PARQUET_TYPES[type] })),
      }),
      createdBy: 'stowage',
    })
  }

  /** Writes one row group: an array a column, all of one length above 0. */
  group(values: readonly ColumnValue[][]): void {
    const columnData = this.#columns.map(({ name }, index) => ({ name, data: values[index] ?? [] }))
    // A writer whose flush returns nothing is written to at once.
    void this.#writer.write({ columnData, rowGroupSize: columnData[0]?.data.length ?? 0 })
  }

  /** Writes the directory of the file behind the groups. */
  end(): void {
    void this.#writer.finish()
  }
}
