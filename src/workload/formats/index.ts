import type { TraceFormat } from '../trace-format.ts'
import { alibaba2017 } from './alibaba2017.ts'
import { azure2017 } from './azure2017.ts'
import { csv } from './csv.ts'
import { google2011 } from './google2011.ts'
import { openb } from './openb.ts'
import { philly } from './philly.ts'
import { swf } from './swf.ts'

/** All trace formats, by the name that `--format` gives them. */
export const traceFormats: ReadonlyMap<string, TraceFormat> = new Map(
  [openb, alibaba2017, google2011, swf, azure2017, philly, csv].map((format) => [format.name, format]),
)
