/* Sorts tables by their columns and opens a day by its date. Without this script tables stand in the order they were
   written in, and days are found in the calendar. */
"use strict";
(function () {
  function value(row, column) {
    var place = 0;
    var cell = Array.prototype.find.call(row.cells, function (candidate) {
      place += candidate.colSpan;
      return place > column;
    });
    if (!cell || cell.dataset.value === "") { return null; } // not enough news
    var text = cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
    return text !== "" && isFinite(text) ? Number(text) : text.toLowerCase();
  }

  function order(left, right) {
    if (left === right) { return 0; }
    if (typeof left === typeof right) { return left < right ? -1 : 1; }
    return typeof left === "number" ? -1 : 1;
  }

  function sort(table, column, descending) {
    var body = table.tBodies[0];
    var rows = Array.prototype.map.call(body.rows, function (row, place) {
      return { row: row, value: value(row, column), place: place };
    });
    rows.sort(function (left, right) {
      if (left.value === null || right.value === null) { // what is not known stays at the end
        return (left.value === null) - (right.value === null) || left.place - right.place;
      }
      return (descending ? -1 : 1) * order(left.value, right.value) || left.place - right.place;
    });
    rows.forEach(function (entry) { body.appendChild(entry.row); });
  }

  function makeSortable(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      if (head.dataset.sort === "no") { return; }
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var descending = head.getAttribute("aria-sort") === "ascending" ||
          (head.getAttribute("aria-sort") === null && head.dataset.sort === "down");
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, column, descending);
      });
    });
  }

  function findDays(search) {
    var input = search.querySelector("input");
    var answer = search.querySelector("output");
    search.hidden = false;
    function open() {
      if (!input.value) { return; }
      var cell = document.getElementById(input.value);
      var link = cell && cell.querySelector("a");
      if (link) {
        answer.textContent = "";
        window.location.href = link.href;
      } else {
        answer.textContent = "No report of " + input.value + " is on file.";
      }
    }
    input.addEventListener("keydown", function (event) { if (event.key === "Enter") { open(); } });
    search.querySelector("button").addEventListener("click", open);
  }

  document.querySelectorAll("table.sortable").forEach(makeSortable);
  document.querySelectorAll(".find-day").forEach(findDays);
}());
