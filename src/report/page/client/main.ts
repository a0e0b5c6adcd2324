import type { ReportData } from '../report-data.ts'
import { startPage } from './start-page.ts'

const holder = document.querySelector('#report-data')
if (holder === null) throw new Error('the page has no data')
startPage(JSON.parse(holder.textContent) as ReportData)
