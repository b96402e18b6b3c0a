"""The command line: ``roomtone VERB``, a module for each verb."""
