// What htmx leaves to do around the parts of a page that it exchanges.

// Whoever used the keyboard inside a part stays in it, even where its new form lacks the control.
let left = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  left = part.contains(document.activeElement) ? part.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  const part = left && document.activeElement === document.body && document.getElementById(left);
  left = "";
  if (part && part.tabIndex === -1) part.focus({ preventScroll: true });
});

// A link with aria-expanded closes what it has opened.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.getAttribute("aria-expanded") !== "true") return;
  event.preventDefault();
  event.detail.target.replaceChildren();
  event.target.setAttribute("aria-expanded", "false");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.hasAttribute("aria-expanded"))
    event.target.setAttribute("aria-expanded", "true");
});
