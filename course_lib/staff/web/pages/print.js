// The dark theme is for screens: on paper the page is light, and after that as it was.
{
  const paper = matchMedia("print");
  const { dataset } = document.documentElement;
  let onScreen = dataset.theme;

  paper.addEventListener("change", () => {
    if (paper.matches) onScreen = dataset.theme;
    dataset.theme = paper.matches ? "light" : onScreen;
  });
}
