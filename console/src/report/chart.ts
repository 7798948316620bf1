// The distribution as columns between the limits, the cumulative share as a line, the target as a line across.
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { span } from '../live/time';
import { columns } from './columns';
import type { Figure, FigureRow } from '../api/types';

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, CanvasRenderer]);

export interface Shown { figure: Figure; row: FigureRow; name: string; limitWord: string; countWord: string; shareWord: string }

/** Draws into `holder`; answers with how to take it away. */
export function draw(holder: HTMLDivElement, { row, limitWord, countWord, shareWord }: Shown): () => void {
  const style = getComputedStyle(document.documentElement);
  const colour = (token: string) => style.getPropertyValue(token).trim();
  const bars = columns(row);
  const target = row.target_s === null ? -1 : bars.findIndex((bar) => bar.to_s === row.target_s);
  const chart = init(holder, undefined, { renderer: 'canvas' });
  const axis = { axisLabel: { color: colour('--text') }, axisLine: { lineStyle: { color: colour('--line-strong') } }, splitLine: { lineStyle: { color: colour('--line') } } };
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: style.getPropertyValue('--font') },
    grid: { left: 48, right: 56, top: 40, bottom: 32 },
    legend: { top: 0, right: 0, textStyle: { color: colour('--text') } },
    color: [colour('--accent'), colour('--text')],
    xAxis: [
      { type: 'category', data: bars.map((bar) => (bar.to_s === null ? `> ${span(bar.from_s)}` : `≤ ${span(bar.to_s)}`)), ...axis },
      // A target lies between two columns, where a category axis has no place: a second, hidden axis counts columns.
      { type: 'value', min: 0, max: bars.length, show: false },
    ],
    yAxis: [
      { type: 'value', minInterval: 1, name: countWord, ...axis },
      { type: 'value', min: 0, max: 100, ...axis, axisLabel: { formatter: '{value} %', color: colour('--text') }, splitLine: { show: false } },
    ],
    series: [
      {
        name: countWord, type: 'bar', data: bars.map((bar) => bar.n), barCategoryGap: '18%', label: { show: true, position: 'top', color: colour('--text') },
        itemStyle: { color: (bar: { dataIndex: number }) => (target >= 0 && bar.dataIndex > target ? colour('--amber') : colour('--accent')) },
      },
      {
        type: 'line', xAxisIndex: 1, data: [], silent: true,
        markLine: target < 0 ? undefined : {
          symbol: 'none', silent: true, lineStyle: { color: colour('--red'), width: 2, type: 'solid' },
          label: { formatter: `${limitWord} ${span(row.target_s)}`, color: colour('--red'), position: 'end' }, data: [{ xAxis: target + 1 }],
        },
      },
      { name: shareWord, type: 'line', yAxisIndex: 1, data: bars.map((bar) => Number((bar.cumulative * 100).toFixed(1))), symbolSize: 6, lineStyle: { color: colour('--text'), width: 1.5 }, itemStyle: { color: colour('--text') } },
    ],
  });
  const resize = () => chart.resize();
  addEventListener('resize', resize);
  return () => {
    removeEventListener('resize', resize);
    chart.dispose();
  };
}
