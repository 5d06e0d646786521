import { kindInfo } from '@tanlian/evidence'
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment, formatQuantity, locale } from '../format.ts'
import type { Point } from './series.ts'

use([BarChart, LineChart, GridComponent, TooltipComponent, SVGRenderer])

/** Points up to which each is a bar; more are a line. */
const MOST_BARS = 62

/** The course of one kind over time, in ink: a drawing beside its table, which says the same in numbers. */
export default function Chart({ points, zone }: { points: readonly Point[]; zone: string }) {
  const { t } = useTranslation()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const chart = init(place.current, undefined, { renderer: 'svg' })
    const draw = () => chart.setOption(optionOf(points, zone), true)
    draw()
    const resize = new ResizeObserver(() => chart.resize())
    resize.observe(place.current)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', draw)
    return () => {
      dark.removeEventListener('change', draw)
      resize.disconnect()
      chart.dispose()
    }
  }, [points, zone])
  return <div ref={place} className="chart" role="img" aria-label={t('trace.figures.chart')} />
}

function optionOf(points: readonly Point[], zone: string) {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const kind = kindInfo(points[0]?.type ?? 0)
  // A drawing may round; the table twin and the totals never do.
  const value = (point: Point) =>
    kind?.sort === 'gauge'
      ? Number(point.quantity) / Math.max(1, point.seconds) - zeroOf(kind.unit)
      : Number(point.quantity)
  const text = (amount: number) =>
    kind === undefined ? '' : formatQuantity(BigInt(Math.round(amount + zeroOf(kind.unit))), 1n, kind)
  // A bar's length is an amount, from zero up; a gauge has no such zero and is a line.
  const isBar = points.length <= MOST_BARS && kind?.sort !== 'gauge'
  const days = ((points.at(-1)?.from ?? 0) - (points[0]?.from ?? 0)) / 86_400
  return {
    animation: false,
    textStyle: { fontFamily: colour('--sans') },
    grid: { left: 8, right: 12, top: 16, bottom: 8, containLabel: true },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: colour('--sheet'),
      borderColor: colour('--line-2'),
      textStyle: { color: colour('--ink') },
      formatter: (items: readonly { dataIndex: number }[]) => {
        const point = points[items[0]?.dataIndex ?? 0]
        return point === undefined || kind === undefined
          ? ''
          : `${formatMoment(point.from, zone)}<br>${formatQuantity(point.quantity, BigInt(point.seconds), kind)}`
      },
    },
    xAxis: {
      type: isBar ? 'category' : 'time',
      ...(isBar ? { data: points.map((point) => point.from * 1000) } : {}),
      axisLine: { lineStyle: { color: colour('--line-2') } },
      axisLabel: {
        color: colour('--ink-2'),
        hideOverlap: true,
        // The last label ends with the axis: centred, half of it would stand outside a phone's screen.
        alignMaxLabel: 'right',
        formatter: (at: number | string) => axisText(Number(at), zone, days > 2),
      },
    },
    yAxis: {
      type: 'value',
      scale: kind?.sort === 'gauge',
      axisLabel: { color: colour('--ink-2'), formatter: text },
      splitLine: { lineStyle: { color: colour('--line') } },
    },
    series: [
      {
        type: isBar ? 'bar' : 'line',
        data: points.map((point) => (isBar ? value(point) : [point.from * 1000, value(point)])),
        showSymbol: false,
        barMaxWidth: 18,
        lineStyle: { width: 1.4, color: colour('--ink') },
        itemStyle: { color: colour('--ink-2') },
      },
    ],
  }
}

/** Where the scale that people read begins, in the base unit: temperatures are kept in mK and read in °C, so that ticks fall on whole degrees. */
const zeroOf = (unit: string) => (unit === 'mK' ? 273_150 : 0)

/** A tick's text: the day over long windows, the day and hour over short ones. */
function axisText(atMs: number, zone: string, byDay: boolean): string {
  const hour = byDay ? {} : ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const)
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, month: '2-digit', day: '2-digit', ...hour }).format(atMs)
}
