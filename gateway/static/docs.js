// The page /docs: Swagger UI over the description that the front door gives of itself.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "list" });
