"use strict";
const colours = ["#1f6b45", "#2c6fb3", "#b4541a", "#7a3b9c", "#8c7a12", "#178a8a", "#a62a5b", "#5b6b1f", "#3a3fb0", "#7d4a2a", "#4d4d4d"];
const home = document.getElementById("charts");
// All frames first, so that each chart is drawn at the width it will have.
const frames = charts.map((chart) => {
  const figure = document.createElement("figure");
  const caption = figure.appendChild(document.createElement("figcaption"));
  caption.append(chart.vi + " ");
  const english = caption.appendChild(document.createElement("small"));
  english.lang = "en";
  english.textContent = chart.en + (chart.unit ? ", " + chart.unit : "");
  home.append(figure);
  return figure;
});
charts.forEach((chart, n) => {
  const figure = frames[n];
  const lines = chart.lines.map((line, i) => ({ label: line.name, stroke: colours[i % colours.length], width: 2, points: { show: Boolean(chart.axis) } }));
  new uPlot({
    width: figure.clientWidth - 28,
    height: 210,
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [{ values: (_, at) => at.map((s) => s + (chart.axis ? "" : " s")) }, { size: 56 }],
    series: [{ label: chart.axis || "s" }, ...lines],
  }, [chart.second, ...chart.lines.map((line) => line.values)], figure);
});
