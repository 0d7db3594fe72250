"use strict";
const colours = ["#1f6b45", "#2c6fb3", "#b4541a"];
const home = document.getElementById("charts");
for (const chart of charts) {
  const figure = document.createElement("figure");
  const caption = figure.appendChild(document.createElement("figcaption"));
  caption.append(chart.vi + " ");
  const english = caption.appendChild(document.createElement("small"));
  english.lang = "en";
  english.textContent = chart.en + (chart.unit ? ", " + chart.unit : "");
  home.append(figure);
  const lines = chart.lines.map((line, i) => ({ label: line.name, stroke: colours[i], width: 2, points: { show: false } }));
  new uPlot({
    width: figure.clientWidth - 28,
    height: 210,
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [{ values: (_, at) => at.map((s) => s + " s") }, { size: 56 }],
    series: [{ label: "s" }, ...lines],
  }, [chart.second, ...chart.lines.map((line) => line.values)], figure);
}
