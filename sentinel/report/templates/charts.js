/* Draws every chart of the page from the JSON beside it. Colours come from the style sheet, so charts follow light,
   dark and print. A table is folded only once its chart is drawn; without scripts every table stays open. */
"use strict";
(function () {
  var PRINT_WIDTH_PX = 690; // A4 less its margins
  var CONFIG = {
    displayModeBar: false,
    responsive: false,
    showTips: false,
    showSendToCloud: false,
    plotlyServerURL: ""
  };
  var root = document.documentElement;
  var charts = [];

  function paint(value, style) {
    if (typeof value === "string" && value.charAt(0) === "@") {
      return style.getPropertyValue("--" + value.slice(1)).trim() || undefined;
    }
    if (Array.isArray(value)) {
      return value.map(function (entry) { return paint(entry, style); });
    }
    if (value && typeof value === "object") {
      var painted = {};
      Object.keys(value).forEach(function (key) {
        painted[key] = TEXT_KEYS[key] ? value[key] : paint(value[key], style);
      });
      return painted;
    }
    return value;
  }
  var TEXT_KEYS = { text: true, ticktext: true, name: true, x: true, y: true, customdata: true };

  function draw(chart, width) {
    var figure = paint(chart.figure, getComputedStyle(root));
    figure.layout.width = Math.floor(width || chart.place.clientWidth);
    return window.Plotly.react(chart.place, figure.data, figure.layout, CONFIG);
  }

  /* Shows the last days of a history, as many as the range that is chosen says. */
  function choose(chart, range) {
    var layout = chart.figure.layout;
    var last = Math.max.apply(null, chart.figure.data.map(function (trace) {
      return Date.parse(trace.x[trace.x.length - 1]);
    }));
    var first = last - (Number(range.value) - 1) * 864e5;
    layout.xaxis.range = [first - 432e5, last + 432e5].map(function (time) { return new Date(time).toISOString(); });
    layout.xaxis.tickformat = Number(range.value) > 200 ? "%b %Y" : "%-d %b";
  }

  function watchRanges(chart, element) {
    element.querySelectorAll("input.range").forEach(function (range) {
      if (range.checked) { choose(chart, range); }
      range.addEventListener("change", function () { choose(chart, range); draw(chart); });
    });
  }

  function drawAll(width) {
    charts.forEach(function (chart) { draw(chart, width); });
  }

  function start() {
    if (!window.Plotly) { return; }
    document.querySelectorAll("figure.chart").forEach(function (element) {
      var place = element.querySelector(".plot");
      var figure = JSON.parse(element.querySelector("script[type='application/json']").textContent);
      var chart = { place: place, figure: figure, table: element.querySelector("details"), wasOpen: false };
      var save = element.querySelector("button.save");
      place.hidden = false;
      watchRanges(chart, element);
      draw(chart).then(function () {
        charts.push(chart);
        element.classList.add("drawn");
        if (chart.table) { chart.table.open = false; }
        save.hidden = false;
        save.addEventListener("click", function () {
          window.Plotly.downloadImage(place, { format: "png", scale: 2, filename: save.dataset.name });
        });
      }, function () { place.hidden = true; });
    });
  }

  var waiting = 0;
  window.addEventListener("resize", function () {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () {
      if (!root.classList.contains("paper")) { drawAll(); }
    }, 120);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { drawAll(); });
  window.addEventListener("beforeprint", function () {
    root.classList.add("paper");
    charts.forEach(function (chart) {
      if (chart.table) { chart.wasOpen = chart.table.open; chart.table.open = true; }
    });
    drawAll(PRINT_WIDTH_PX);
  });
  window.addEventListener("afterprint", function () {
    root.classList.remove("paper");
    charts.forEach(function (chart) {
      if (chart.table) { chart.table.open = chart.wasOpen; }
    });
    drawAll();
  });
  start();
}());
