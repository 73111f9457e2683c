// Charts: what the page states as data is drawn by ECharts, in the page's own colours and in both looks.
let loading;
const drawn = new Map();

export function draw(root) {
  const figures = [...root.querySelectorAll("figure[data-chart]")].filter((figure) => !drawn.has(figure));
  for (const [figure, one] of drawn) figure.isConnected ? renew(figure, one) : drop(figure);
  if (!figures.length) return;
  figures.forEach(fit);
  loading ??= load(document.body.dataset.charts);
  loading.then(() => figures.forEach(start));
}

function load(url) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

// As high as its rows need, before anything is drawn, so that nothing moves.
function fit(figure) {
  const { kind, is_horizontal, labels } = spec_of(figure);
  if (is_horizontal || kind === "funnel" || kind === "intervals") figure.querySelector(".drawing").style.height = `${32 * labels.length + (kind === "funnel" ? 16 : 56)}px`;
}

const text_of = (figure) => document.getElementById(figure.dataset.chart).textContent;
const spec_of = (figure) => JSON.parse(text_of(figure));

function drop(figure) {
  drawn.get(figure).chart?.dispose();
  drawn.delete(figure);
}

// A chart that stayed while the page around it changed shows what the page says now.
function renew(figure, one) {
  const text = text_of(figure);
  if (text === one.text) return;
  Object.assign(one, { text, spec: JSON.parse(text) });
  fit(figure);
  one.chart?.resize();
  paint(one);
}

function start(figure) {
  if (drawn.has(figure)) return;
  const one = { chart: null, text: text_of(figure), spec: spec_of(figure) };
  const drawing = figure.querySelector(".drawing");
  drawn.set(figure, one);
  new ResizeObserver(() => {
    if (!drawing.clientWidth || !drawing.clientHeight) return; // where there is no room yet, a graph cannot be drawn
    if (!one.chart) one.chart = begun(drawing, one);
    else one.chart.resize(), ["upset", "funnel", "intervals", "tornado"].includes(one.spec.kind) && paint(one);
  }).observe(drawing);
}

function begun(drawing, one) {
  const chart = echarts.init(drawing, null, { renderer: "svg" });
  const go = (event) => {
    const { spec } = one;
    const links = event.seriesName === "sizes" ? spec.set_links : spec.links;
    if (spec.kind === "sankey" ? event.dataType !== "edge" : event.dataType === "edge") return;
    const place = event.seriesName === "dots" ? event.value[0] : event.dataIndex;
    const url = spec.kind === "heatmap" ? links[event.value?.[1]]?.[event.value?.[0]] : links?.[place];
    if (url) location.assign(url);
  };
  chart.on("click", go);
  paint({ chart, spec: one.spec });
  return chart;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function paint({ chart, spec }) {
  if (!chart) return;
  const ink = colour("ink");
  const faint = colour("ink-2");
  const line = colour("line");
  const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: faint }, nameTextStyle: { color: faint }, splitLine: { lineStyle: { color: line } } };
  const tip = { renderMode: "richText", backgroundColor: colour("paper"), borderColor: line, textStyle: { color: ink }, confine: true };
  const common = { animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 250, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, aria: { enabled: false } };
  chart.setOption({ ...common, ...KINDS[spec.kind](spec, { axis, tip, ink, faint, width: chart.getWidth() }) }, true);
}

const KINDS = {
  bars(spec, { axis, tip, faint }) {
    const categories = { type: "category", data: spec.labels, ...axis, name: spec.category, nameLocation: "middle", nameGap: 34, splitLine: { show: false } };
    const values = { type: "value", ...axis, name: spec.measure, nameLocation: spec.is_horizontal ? "middle" : "end", nameGap: spec.is_horizontal ? 28 : 15, nameTextStyle: { color: faint, align: spec.is_horizontal ? "center" : "left" }, axisLabel: { ...axis.axisLabel, formatter: (value) => short(value, spec) } };
    if (spec.is_horizontal) { Object.assign(categories, { inverse: true, name: "" }); values.splitNumber = 3; }
    return {
      grid: { left: 8, right: spec.is_horizontal ? 52 : 16, top: spec.is_horizontal ? 8 : 36, bottom: 4, outerBoundsMode: "same" },
      xAxis: spec.is_horizontal ? values : [categories, { type: "value", min: 0, max: spec.labels.length, show: false }],
      yAxis: spec.is_horizontal ? categories : values,
      tooltip: { ...tip, formatter: (point) => `${spec.labels[point.dataIndex]}\n${spec.measure}: ${spec.shown[point.dataIndex]}` },
      series: [{
        type: "bar",
        data: spec.values,
        barCategoryGap: "18%",
        label: { show: spec.is_horizontal, position: "right", color: faint, formatter: (point) => spec.shown[point.dataIndex] },
        barMaxWidth: spec.is_horizontal ? 24 : 96,
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
    const depth = (value) => (spec.is_rooted && value !== null ? Math.sqrt(value) : value);
    const cells = spec.values.flatMap((row, y) => row.map((value, x) => [x, y, depth(value)]));
    const values = cells.map((cell) => cell[2]).filter((value) => value !== null);
    const [low, high] = [Math.min(...values, 0), Math.max(...values, 1)];
    return {
      grid: { left: 8, right: 8, top: 8, bottom: 26, outerBoundsMode: "same" },
      xAxis: { type: "category", data: spec.x_labels, ...axis, axisLabel: { ...axis.axisLabel, interval: spec.x_labels.length < 13 ? 0 : "auto", hideOverlap: true }, name: spec.x_title, nameLocation: "middle", nameGap: 30, splitLine: { show: false } },
      yAxis: { type: "category", data: spec.y_labels, inverse: spec.first_on_top, ...axis, name: spec.y_title, nameLocation: "middle", nameGap: 30, nameRotate: 90, splitLine: { show: false } },
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
  // A bar from the point of comparison to the value, and a line for the interval in which it lies.
  intervals(spec, { axis, tip, ink, faint, width }) {
    const from = spec.reference ?? 0;
    const far = spec.is_forest ? 64 : Infinity; // what is wider than that tells nothing, and would hide the others
    const within = spec.is_relative ? [Math.max(from / far, Math.min(from, ...spec.lows.filter((low) => low > 0))), Math.min(from * far, Math.max(from, ...spec.highs))] : [0, Math.max(...spec.highs)];
    const item = (_, api) => {
      const [row, value, low, high] = [0, 1, 2, 3].map((place) => api.value(place));
      const at = (x) => api.coord([Math.min(Math.max(x, within[0]), within[1]), row])[0];
      const y = api.coord([value, row])[1];
      const half = Math.min(11, api.size([0, 1])[1] * 0.34);
      const whisker = [[at(low), y - 4, at(low), y + 4], [at(high), y - 4, at(high), y + 4], [at(low), y, at(high), y]];
      // Of a forest a square is filled where the interval leaves out what is neither more nor less.
      const sure = low > from || high < from;
      const mark = spec.is_forest
        ? { type: "rect", shape: { x: at(value) - 5, y: y - 5, width: 10, height: 10, r: low < high ? 1 : 5 }, style: { fill: sure ? colour("celadon") : colour("paper"), stroke: sure ? colour("celadon") : ink, lineWidth: 1.25 }, z2: 1 }
        : { type: "rect", shape: { x: Math.min(at(from), at(value)), y: y - half, width: Math.abs(at(value) - at(from)), height: half * 2, r: 2 }, style: { fill: value < from ? colour("line-2") : colour("celadon") } };
      return { type: "group", children: [
        mark,
        ...whisker.map(([x1, y1, x2, y2]) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: ink, lineWidth: 1.25 } })),
      ] };
    };
    return {
      grid: { left: 8, right: 24, top: 8, bottom: 4, outerBoundsMode: "same" },
      xAxis: { type: spec.is_relative ? "log" : "value", logBase: 2, min: spec.is_relative ? within[0] / 1.1 : 0, max: spec.is_relative ? within[1] * 1.1 : undefined, ...axis, name: spec.measure, nameLocation: "middle", nameGap: 28, axisLabel: { ...axis.axisLabel, hideOverlap: true, showMinLabel: !spec.is_relative, showMaxLabel: false, formatter: (value) => short(value, spec) }, nameTruncate: { maxWidth: width * 0.52 } },
      yAxis: { type: "category", data: spec.labels, inverse: true, ...axis, axisLabel: { ...axis.axisLabel, color: ink, width: Math.min(280, width * 0.42), overflow: "truncate" }, splitLine: { show: false } },
      tooltip: { ...tip, formatter: (point) => [`${spec.labels[point.dataIndex]}\n${spec.measure}: ${spec.shown[point.dataIndex]}`, ...(spec.notes[point.dataIndex] ?? []).map((note, place) => `${spec.note_titles[place]}: ${note}`)].join("\n") },
      series: [{
        type: "custom", renderItem: item, encode: { x: [1, 2, 3], y: 0 }, clip: true, cursor: spec.links.length ? "pointer" : "default",
        data: spec.values.map((value, row) => [row, value, spec.lows[row], spec.highs[row]]),
        ...(from ? { markLine: { silent: true, animation: false, symbol: "none", lineStyle: { color: faint }, label: { show: false }, data: [{ xAxis: from }] } } : {}),
      }],
    };
  },
  // From the figure as it is to what less and more of each input make of it.
  tornado(spec, { axis, tip, ink, faint, width }) {
    const colours = [colour("line-2"), colour("celadon")];
    const titles = [spec.less_title, spec.more_title];
    return {
      grid: { left: 8, right: 24, top: 28, bottom: 4, outerBoundsMode: "same" },
      legend: { top: 0, left: 0, icon: "roundRect", itemHeight: 8, textStyle: { color: ink }, data: titles },
      xAxis: { type: "value", scale: true, startValue: spec.reference, ...axis, name: spec.measure, nameLocation: "middle", nameGap: 28, axisLabel: { ...axis.axisLabel, hideOverlap: true, formatter: (value) => short(value, spec) }, nameTruncate: { maxWidth: width * 0.52 } },
      yAxis: { type: "category", data: spec.labels, inverse: true, ...axis, axisLine: { show: false }, axisLabel: { ...axis.axisLabel, color: ink, width: Math.min(280, width * 0.42), overflow: "truncate" }, splitLine: { show: false } },
      tooltip: { ...tip, formatter: ({ dataIndex }) => [spec.labels[dataIndex], ...titles.map((title, place) => `${title}: ${spec.shown[place][dataIndex]}`)].join("\n") },
      series: [spec.less, spec.more].map((values, place) => ({
        type: "bar", name: titles[place], data: values, barGap: "-100%", barMaxWidth: 20, itemStyle: { color: colours[place] },
        ...(place ? { markLine: { silent: true, animation: false, symbol: "none", lineStyle: { color: faint, type: "solid" }, label: { show: false }, data: [{ xAxis: spec.reference }] } } : {}),
      })),
    };
  },
  // What is left after each step, before those who fell away.
  funnel(spec, { axis, tip, ink, width }) {
    const before = [spec.values[0] ?? 0, ...spec.values];
    return {
      grid: { left: 4, right: 84, top: 4, bottom: 4, outerBoundsMode: "same" },
      xAxis: { type: "value", show: false, min: 0, max: spec.values[0] || 1 },
      yAxis: { type: "category", data: spec.labels, inverse: true, ...axis, axisLine: { show: false }, axisLabel: { ...axis.axisLabel, color: ink, width: Math.min(260, width * 0.38), overflow: "truncate" }, splitLine: { show: false } },
      tooltip: { ...tip, formatter: (point) => `${spec.labels[point.dataIndex]}\n${spec.measure}: ${spec.shown[point.dataIndex]} (${spec.kept[point.dataIndex]})` },
      series: [
        { type: "bar", stack: "all", data: spec.values, barMaxWidth: 34, barCategoryGap: "30%", cursor: spec.links.length ? "pointer" : "default", itemStyle: { color: colour("celadon") } },
        { type: "bar", stack: "all", silent: true, data: spec.values.map((value, row) => before[row] - value), itemStyle: { color: colour("paper-3") }, label: { show: true, position: "right", color: ink, formatter: (point) => `${spec.shown[point.dataIndex]}${point.dataIndex ? ` · ${spec.kept[point.dataIndex]}` : ""}` } },
      ],
    };
  },
  trend(spec, { axis, tip, ink, faint }) {
    const colours = [colour("celadon"), colour("warn"), colour("vermilion"), faint];
    const single = spec.lines.length === 1;
    return {
      grid: { left: 8, right: 20, top: single ? 30 : 46, bottom: 8, outerBoundsMode: "same" },
      legend: { show: !single, top: 0, left: 0, icon: "roundRect", itemHeight: 3, textStyle: { color: ink } },
      xAxis: { type: "category", data: spec.days, boundaryGap: spec.days.length === 1, ...axis, splitLine: { show: false } },
      yAxis: { type: "value", ...axis, name: spec.measure, nameTextStyle: { color: faint, align: "left" }, minInterval: spec.format === "share" ? 0 : 1, axisLabel: { ...axis.axisLabel, formatter: (value) => short(value, spec) } },
      tooltip: { ...tip, trigger: "axis", formatter: (points) => [points[0].name, ...points.filter(({ seriesIndex }) => seriesIndex < spec.lines.length).map((point) => `${single ? spec.measure : point.seriesName}: ${spec.shown[point.seriesIndex][point.dataIndex]}`)].join("\n") },
      series: [...spec.lines.map(([name, values], place) => ({
        type: "line", name: name || spec.measure, data: values, step: spec.is_stepped && "end", symbol: values.length > 40 ? "none" : ["circle", "rect", "triangle", "diamond"][place % 4], symbolSize: 7, cursor: spec.links.length ? "pointer" : "default",
        lineStyle: { width: 2, color: colours[place % 4], type: ["solid", "dashed", "dotted", "solid"][place % 4] }, itemStyle: { color: colours[place % 4] }, ...(single && !spec.bands.length ? { areaStyle: { color: colours[0], opacity: 0.08 } } : {}),
      })), ...spec.bands.flatMap(([low, high], place) => [low, high.map((value, x) => (value === null ? null : value - low[x]))].map((data, part) => ({
        type: "line", data, stack: `band ${place}`, stackStrategy: "all", step: spec.is_stepped && "end", silent: true, symbol: "none", lineStyle: { width: 0 }, ...(part ? { areaStyle: { color: colours[place % 4], opacity: 0.14 } } : {}),
      })))],
    };
  },
  // Bars from the highest down, and the line of their shares added up.
  pareto(spec, { axis, tip, ink, faint }) {
    return {
      grid: { left: 8, right: 8, top: 36, bottom: 4, outerBoundsMode: "same" },
      xAxis: { type: "category", data: spec.labels, ...axis, axisLabel: { ...axis.axisLabel, interval: 0, hideOverlap: true, formatter: (label) => (spec.labels.length > 4 ? label.replace(" ", "\n") : label) }, splitLine: { show: false } },
      yAxis: [
        { type: "value", ...axis, name: spec.measure, nameTextStyle: { color: faint, align: "left" }, minInterval: 1, axisLabel: { ...axis.axisLabel, formatter: (value) => short(value, spec) } },
        { type: "value", min: 0, max: 1, ...axis, name: spec.added_title, nameTextStyle: { color: faint, align: "right" }, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: (value) => short(value, { format: "share" }) } },
      ],
      tooltip: { ...tip, trigger: "axis", formatter: ([{ dataIndex }]) => `${spec.labels[dataIndex]}\n${spec.measure}: ${spec.shown[dataIndex]}\n${spec.added_title}: ${spec.shown_added[dataIndex]}` },
      series: [
        { type: "bar", data: spec.values, barMaxWidth: 72, barCategoryGap: "24%", cursor: spec.links.length ? "pointer" : "default", itemStyle: { color: colour("celadon"), borderRadius: [3, 3, 0, 0] }, label: { show: true, position: "top", color: ink, formatter: (point) => spec.shown[point.dataIndex] } },
        { type: "line", yAxisIndex: 1, data: spec.added, silent: true, symbolSize: 6, lineStyle: { width: 2, color: colour("warn") }, itemStyle: { color: colour("warn") } },
      ],
    };
  },
  // From what was to what is; a band has the colour of where it leads.
  sankey(spec, { tip, ink }) {
    const tones = { good: colour("celadon"), busy: colour("warn"), bad: colour("vermilion") };
    const tone = (place) => tones[spec.tones[place]] ?? colour("ink-3");
    const sides = [spec.left, spec.right].map((names, side) => names.map((name, place) => ({ name: `${side}:${place}`, depth: side, some: spec.shown_ends[side][place] !== "0", shown: `${name} ${spec.shown_ends[side][place]}`, itemStyle: { color: side ? tone(place) : colour("ink-3") }, label: { position: side ? "left" : "right" } })));
    const nodes = sides.flat().filter(({ some }) => some);
    return {
      tooltip: { ...tip, formatter: ({ dataType, dataIndex }) => {
        if (dataType !== "edge") return nodes[dataIndex].shown;
        const [from, to] = spec.flows[dataIndex];
        return `${spec.left_title}: ${spec.left[from]}\n${spec.right_title}: ${spec.right[to]}\n${spec.measure}: ${spec.shown[dataIndex]}`;
      } },
      series: [{
        type: "sankey", left: 4, right: 4, top: 8, bottom: 8, nodeWidth: 10, nodeGap: 16, layoutIterations: 0, draggable: false, cursor: spec.links.length ? "pointer" : "default",
        data: nodes,
        links: spec.flows.map(([from, to, value]) => ({ source: `0:${from}`, target: `1:${to}`, value, lineStyle: { color: tone(to), opacity: 0.28, curveness: 0.5 } })),
        label: { color: ink, fontSize: 12, formatter: ({ data }) => data.shown },
        emphasis: { focus: "adjacency" },
      }],
    };
  },
  // Who is what to whom, around the one in the middle.
  graph(spec, { tip, ink, faint }) {
    const colours = [colour("vermilion"), colour("celadon"), colour("warn")];
    return {
      tooltip: { ...tip, formatter: ({ dataType, dataIndex }) => (dataType === "edge" ? spec.edges[dataIndex][2] : spec.notes[dataIndex]) },
      series: [{
        type: "graph", layout: "none", draggable: true, cursor: "pointer",
        data: spec.labels.map((name, place) => ({ id: `${place}`, name, ...around(place, spec.labels.length - 1), symbol: spec.groups[place] === 2 ? "rect" : "circle", symbolSize: place ? 16 : 26, itemStyle: { color: colours[place ? spec.groups[place] : 0] } })),
        links: spec.edges.map(([from, to]) => ({ source: `${from}`, target: `${to}` })),
        label: { show: true, position: "bottom", color: ink, width: 96, overflow: "truncate" },
        edgeLabel: { show: spec.edges.length < 13, color: faint, fontSize: 10, formatter: ({ dataIndex }) => spec.edges[dataIndex][2].split(" · ")[0] },
        lineStyle: { color: colour("line-2"), width: 1.5 },
      }],
    };
  },
  // Above, how many are in just these sets; below, which sets those are; at the left, each set as a whole.
  upset(spec, { axis, tip, ink, faint, width }) {
    const left = Math.min(300, width * 0.45);
    const columns = spec.members.map((_, place) => place);
    const dots = spec.members.flatMap((of, x) => of.map((isIn, y) => ({ value: [x, y], itemStyle: { color: isIn ? colour("celadon") : colour("line") } })));
    const joined = spec.members.map((of) => [of.indexOf(true), of.lastIndexOf(true)]);
    const bar = (_, api) => {
      const [x, first, last] = [0, 1, 2].map((place) => api.value(place));
      const [from, to] = [api.coord([x, first]), api.coord([x, last])];
      return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: colour("celadon"), lineWidth: 2.5 } };
    };
    const below = 30 * spec.sets.length + 12;
    const [none, sets] = [{ show: false }, { type: "category", data: spec.sets, inverse: true, ...axis, axisLine: { show: false }, splitLine: { show: false } }];
    return {
      grid: [{ left, right: 12, top: 30, bottom: below + 6 }, { left, right: 12, bottom: 4, height: below }, { left: 4, width: left * 0.3, bottom: 4, height: below }],
      xAxis: [{ type: "category", data: columns, gridIndex: 0, ...none }, { type: "category", data: columns, gridIndex: 1, ...none }, { type: "value", gridIndex: 2, inverse: true, max: Math.max(...spec.sizes) * 1.7, ...none }],
      yAxis: [{ type: "value", gridIndex: 0, ...axis, name: spec.measure, axisLabel: { ...axis.axisLabel, formatter: (value) => short(value, spec) } }, { ...sets, gridIndex: 1, axisLabel: { ...axis.axisLabel, color: ink, width: left * 0.62, overflow: "truncate" } }, { ...sets, gridIndex: 2, ...none }],
      tooltip: { ...tip, formatter: (point) => {
        if (point.seriesName === "sizes") return `${spec.sets[point.dataIndex]}\n${spec.measure}: ${spec.shown_sizes[point.dataIndex]}`;
        const place = point.seriesName === "dots" ? point.value[0] : point.dataIndex;
        return `${spec.names[place]}\n${spec.measure}: ${spec.shown[place]}`;
      } },
      series: [
        { type: "bar", name: "columns", data: spec.values, barMaxWidth: 34, cursor: "pointer", itemStyle: { color: colour("celadon"), borderRadius: [3, 3, 0, 0] }, label: { show: true, position: "top", color: ink, formatter: (point) => spec.shown[point.dataIndex] } },
        { type: "custom", silent: true, xAxisIndex: 1, yAxisIndex: 1, renderItem: bar, data: joined.map(([first, last], x) => [x, first, last]).filter(([, first]) => first >= 0) },
        { type: "scatter", name: "dots", xAxisIndex: 1, yAxisIndex: 1, symbolSize: 12, data: dots, cursor: "pointer" },
        { type: "bar", name: "sizes", xAxisIndex: 2, yAxisIndex: 2, data: spec.sizes, barWidth: 12, cursor: "pointer", itemStyle: { color: colour("ink-3"), borderRadius: [3, 0, 0, 3] }, label: { show: true, position: "left", color: faint, fontSize: 11, formatter: (point) => spec.shown_sizes[point.dataIndex] } },
      ],
    };
  },
};

// Where one of a graph stands: the first in the middle, the others on a ring; on two where they are many.
function around(place, others) {
  if (!place) return { x: 0, y: 0 };
  const angle = (2 * Math.PI * (place - 1)) / others;
  const far = others > 12 && place % 2 ? 0.62 : 1;
  return { x: 1.8 * far * Math.cos(angle), y: far * Math.sin(angle) };
}

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
  const style = spec.format === "share" ? { style: "percent" } : { notation: "compact", maximumFractionDigits: 2, useGrouping: "always" };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(value) + (spec.format === "times" ? " ×" : "");
}

new MutationObserver(() => drawn.forEach(paint)).observe(document.documentElement, { attributeFilter: ["data-look"] });
addEventListener("beforeprint", () => drawn.forEach(({ chart }) => chart?.resize()));
