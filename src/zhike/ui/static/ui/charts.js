// Charts: what the page states as data is drawn by ECharts, in the page's own colours and in both looks.
let loading;
const drawn = new Map();

export function draw(root) {
  const figures = [...root.querySelectorAll("figure[data-chart]")].filter((figure) => !drawn.has(figure));
  for (const figure of drawn.keys()) if (!figure.isConnected) drop(figure);
  if (!figures.length) return;
  loading ??= load(document.body.dataset.charts);
  loading.then(() => figures.forEach(start));
}

function load(url) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

function drop(figure) {
  drawn.get(figure).chart.dispose();
  drawn.delete(figure);
}

function start(figure) {
  if (drawn.has(figure)) return;
  const spec = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const chart = echarts.init(figure.querySelector(".drawing"), null, { renderer: "svg" });
  drawn.set(figure, { chart, spec });
  const go = (event) => {
    const url = spec.kind === "heatmap" ? spec.links[event.value?.[1]]?.[event.value?.[0]] : spec.links[event.dataIndex];
    if (url) location.assign(url);
  };
  chart.on("click", go);
  new ResizeObserver(() => chart.resize()).observe(figure.querySelector(".drawing"));
  paint(chart, spec);
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function paint(chart, spec) {
  const ink = colour("ink");
  const faint = colour("ink-2");
  const line = colour("line");
  const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: faint }, nameTextStyle: { color: faint }, splitLine: { lineStyle: { color: line } } };
  const tip = { renderMode: "richText", backgroundColor: colour("paper"), borderColor: line, textStyle: { color: ink }, confine: true };
  const common = { animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 250, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, aria: { enabled: false } };
  chart.setOption({ ...common, ...KINDS[spec.kind](spec, { axis, tip, ink, faint, line }) }, true);
}

const KINDS = {
  bars(spec, { axis, tip, faint }) {
    const categories = { type: "category", data: spec.labels, ...axis, name: spec.category, nameLocation: "middle", nameGap: 34, splitLine: { show: false } };
    const values = { type: "value", ...axis, name: spec.measure, nameLocation: spec.is_horizontal ? "middle" : "end", nameGap: spec.is_horizontal ? 28 : 15, nameTextStyle: { color: faint, align: spec.is_horizontal ? "center" : "left" }, axisLabel: { ...axis.axisLabel, formatter: (value) => short(value, spec) } };
    if (spec.is_horizontal) Object.assign(categories, { inverse: true, name: "" });
    return {
      grid: { left: 8, right: 16, top: spec.is_horizontal ? 8 : 36, bottom: 24, outerBoundsMode: "same" },
      xAxis: spec.is_horizontal ? values : [categories, { type: "value", min: 0, max: spec.labels.length, show: false }],
      yAxis: spec.is_horizontal ? categories : values,
      tooltip: { ...tip, formatter: (point) => `${spec.labels[point.dataIndex]}\n${spec.measure}: ${spec.shown[point.dataIndex]}` },
      series: [{
        type: "bar",
        data: spec.values,
        barCategoryGap: "18%",
        cursor: spec.links.length ? "pointer" : "default",
        itemStyle: { color: colour("celadon"), borderRadius: spec.is_horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0] },
      }, ...(spec.marks.length ? [{
        type: "line", // carries lines that may cross between bars or within one
        xAxisIndex: 1,
        data: [],
        markLine: { silent: true, animation: false, symbol: "none", lineStyle: { color: faint, type: "dashed" }, label: { color: faint, formatter: (mark) => mark.name }, data: spec.marks.map(([place, name]) => ({ xAxis: place, name })) },
      }] : [])],
    };
  },
  heatmap(spec, { axis, tip }) {
    const cells = spec.values.flatMap((row, y) => row.map((value, x) => [x, y, value]));
    const values = cells.map((cell) => cell[2]).filter((value) => value !== null);
    const [low, high] = [Math.min(...values, 0), Math.max(...values, 1)];
    return {
      grid: { left: 8, right: 8, top: 8, bottom: 26, outerBoundsMode: "same" },
      xAxis: { type: "category", data: spec.x_labels, ...axis, name: spec.x_title, nameLocation: "middle", nameGap: 30, splitLine: { show: false } },
      yAxis: { type: "category", data: spec.y_labels, ...axis, name: spec.y_title, nameLocation: "middle", nameGap: 30, nameRotate: 90, splitLine: { show: false } },
      visualMap: { show: false, min: low, max: high, inRange: { color: [colour("heat-low"), colour("heat-high")] } },
      tooltip: { ...tip, formatter: ({ value: [x, y] }) => `${spec.y_title} ${spec.y_labels[y]} · ${spec.x_title} ${spec.x_labels[x]}\n${spec.measure}: ${spec.shown[y][x]}${spec.notes.length ? `\n${spec.notes[y][x]}` : ""}` },
      series: [{
        type: "heatmap",
        data: cells.map(([x, y, value]) => ({ value: [x, y, value ?? "-"], label: { color: readable(mixed((value - low) / (high - low))) } })),
        cursor: spec.links.length ? "pointer" : "default",
        label: { show: true, formatter: ({ value: [x, y] }) => spec.shown[y][x] },
        itemStyle: { borderColor: colour("paper"), borderWidth: 2, borderRadius: 3 },
        emphasis: { itemStyle: { borderColor: colour("celadon"), borderWidth: 2 } },
      }],
    };
  },
};

// The colour of a cell, and whichever of black and white is read best on it.
function mixed(part) {
  const parse = (hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
  const [from, to] = [parse(colour("heat-low")), parse(colour("heat-high"))];
  return from.map((channel, place) => channel + (to[place] - channel) * (part || 0));
}

function readable(rgb) {
  const [r, g, b] = rgb.map((channel) => (channel / 255 <= 0.03928 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

function short(value, spec) {
  const style = spec.format === "share" ? { style: "percent" } : { notation: "compact" };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(value);
}

new MutationObserver(() => drawn.forEach(({ chart, spec }) => paint(chart, spec))).observe(document.documentElement, { attributeFilter: ["data-look"] });
addEventListener("beforeprint", () => drawn.forEach(({ chart }) => chart.resize()));
