"""The component classes, each looked up in the installed plugin that offers its factory.

`from spanwright.pipeline import Tok2Vec` imports the leaf module of the factory `tok2vec`, or says which distribution
to install. A plugin keeps the class of a component in the module of its factory.
"""

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "Pipe": "spanwright.pipe:Pipe",
        "TrainablePipe": "spanwright.pipe:TrainablePipe",
        "AttributeRuler": "factories:attribute_ruler",
        "DependencyParser": "factories:parser",
        "EditTreeLemmatizer": "factories:trainable_lemmatizer",
        "EntityLinker": "factories:entity_linker",
        "EntityRecognizer": "factories:ner",
        "EntityRuler": "factories:entity_ruler",
        "Lemmatizer": "factories:lemmatizer",
        "Morphologizer": "factories:morphologizer",
        "MultiLabel_TextCategorizer": "factories:textcat_multilabel",
        "SentenceRecognizer": "factories:senter",
        "Sentencizer": "factories:sentencizer",
        "SpanCategorizer": "factories:spancat",
        "SpanFinder": "factories:span_finder",
        "SpanRuler": "factories:span_ruler",
        "Tagger": "factories:tagger",
        "TextCategorizer": "factories:textcat",
        "Tok2Vec": "factories:tok2vec",
        "merge_entities": "factories:merge_entities",
        "merge_noun_chunks": "factories:merge_noun_chunks",
        "merge_subtokens": "factories:merge_subtokens",
    },
)
