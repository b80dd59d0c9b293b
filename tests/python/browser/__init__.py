"""The demo page in a real browser. A package, so that its `conftest` takes no other's place."""
