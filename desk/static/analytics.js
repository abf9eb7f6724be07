// Draws the charts of the analytics from the same numbers that the tables show. Colours are those of the page,
// and follow it from light to dark.

const narrow = matchMedia("(max-width: 760px)");
const language = document.documentElement.lang;
const drawn = JSON.parse(document.getElementById("charts").textContent);
const charts = new Map();

// A canvas knows no custom properties: an element that has the colour says what it is in the theme of now.
const probe = document.body.appendChild(document.createElement("span"));
probe.hidden = true;

function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const WRITE = {
  share: (value) => percent.format(value),
  ms: (value) => (value >= 1000 ? `${whole.format(value / 1000)} s` : `${whole.format(value)} ms`),
};

function write(value, unit) {
  return (WRITE[unit] || whole.format)(value);
}

function options(chart) {
  const unit = chart.series[0].unit;
  const values = { beginAtZero: true, stacked: chart.stacked, border: { display: false }, grid: { color: colour("--line") } };
  values.ticks = { color: colour("--soft"), callback: (value) => write(value, unit), maxTicksLimit: 6, precision: unit === "count" ? 0 : undefined };
  if (unit === "share") values.suggestedMax = 1;
  const labels = { stacked: chart.stacked, grid: { display: false }, border: { color: colour("--line") } };
  labels.ticks = { color: colour("--soft"), autoSkip: !chart.sideways, maxRotation: 0, callback: shorten };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    indexAxis: chart.sideways ? "y" : "x",
    interaction: { mode: "index", intersect: false, axis: chart.sideways ? "y" : "x" },
    scales: chart.sideways ? { x: values, y: labels } : { x: labels, y: values },
    plugins: {
      legend: { display: chart.series.length > 1, position: "bottom", labels: { color: colour("--ink"), boxWidth: 12, boxHeight: 12, usePointStyle: true, pointStyle: "rectRounded" } },
      tooltip: { callbacks: { label: ({ dataset, raw }) => ` ${dataset.label}: ${raw === null ? "–" : write(raw, dataset.unit)}` } },
    },
  };
}

// A long name would leave no room for the bars; the table has all of it.
function shorten(value) {
  const label = this.getLabelForValue(value);
  const most = narrow.matches ? 16 : 38;
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

function series(one, place, chart) {
  const own = colour(`--chart-${place + 1}`);
  const line = { borderColor: own, backgroundColor: own, borderWidth: 2, pointRadius: chart.labels.length > 40 ? 0 : 2.5, tension: 0, spanGaps: false };
  const bar = { backgroundColor: chart.labels.map((_, row) => (chart.pale.includes(row) ? colour("--chart-pale") : own)), borderRadius: 4, maxBarThickness: 44 };
  return { label: one.title, unit: one.unit, data: one.values, ...(chart.kind === "line" ? line : bar) };
}

function draw(canvas) {
  const chart = drawn[canvas.dataset.chart];
  if (!chart) return;
  const datasets = chart.series.map((one, place) => series(one, place, chart));
  charts.get(canvas)?.destroy();
  // Bars that lie on their side need room by their number.
  if (chart.sideways) canvas.parentElement.style.height = `${chart.labels.length * 34 + (datasets.length > 1 ? 92 : 52)}px`;
  charts.set(canvas, new Chart(canvas, { type: chart.kind, data: { labels: chart.labels, datasets }, options: options(chart) }));
}

function drawAll() {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  document.querySelectorAll("canvas[data-chart]").forEach(draw);
}

drawAll();
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

// On a phone the chart comes first and the table at a tap; beside a chart the table is always there.
function fold() {
  for (const numbers of document.querySelectorAll(".pair.drawn .numbers")) numbers.open = !narrow.matches;
}
fold();
narrow.addEventListener("change", fold);
