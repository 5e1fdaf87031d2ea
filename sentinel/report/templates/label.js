// Keys press the button, or follow the link, that names them. A key that is held down counts once.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  for (const target of document.querySelectorAll("[data-key]")) {
    if (target.dataset.key === event.key.toLowerCase()) {
      event.preventDefault();
      target.click();
      return;
    }
  }
});

// One click is one answer: a second one would be for a headline that nobody has read.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
