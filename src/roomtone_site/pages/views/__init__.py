"""Views of the pages: each reads a request, asks a service, and renders."""
