metadata description = 'A user-assigned managed identity. There are no other credentials between the parts of a deployment.'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The name.')
param name string

resource managed 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Object id, for roles on what is in another resource group.')
output principalId string = managed.properties.principalId
