/** Name of the Parquet form of a table: `pods.parquet` of `pods.csv`. */
export function parquetName(csvName: string): string {
  return csvName.replace(/\.csv$/, '.parquet')
}
